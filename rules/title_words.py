"""Words of meeting titles that stand beside names without being part of one, and names that are also ordinary words.

All in the folded form of `rules.naming.folded`. The lists need not be complete: a word that is missing here
makes a title name nobody, never somebody else.
"""

from __future__ import annotations


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


COMPANY = _listed("avec com con cu ile kanssa med met mit w with z ze ")
"""What comes next is somebody one meets, in a dozen languages ("w/ Dana")."""

AND = _listed("a and e en et i ja n och og oraz plus und ve y ")
"""Joins one name to the next."""

ABOUT = _listed(
    "about after apres avant before by concerning for from fur nach not ohne om over para per por pour re "
    "regarding sans sem senza sin sobre uber utan via von voor vor wegen without zonder "
)
"""Who comes next is spoken of, not met ("Present for Dana", "Team without Dana")."""

TITLES = _listed("doctor don dona dr frau herr m miss mme mr mrs ms mx prof professor senhor senhora sir sr sra ")
"""Before a surname ("Dr Okafor"), and no part of a name on a card."""

AFTER_NAMES = _listed("bsc cpa dphil esq ii iii iv jr ma mba md msc phd sr ")
"""What follows a comma on a card without being a first name ("Dana Okafor, PhD")."""

PARTICLES = _listed("af al av ben bin da das de del della den der di do dos du el ibn la le ten ter van vom von ")
"""Begins a surname in small letters ("Dana van Dyke")."""

MEETING = _listed(
    "afspraak almoco almuerzo anruf appel appointment at beer besprechung biweekly brainstorm breakfast brunch "
    "cafe call catch catchup chamada charla chat check checkin chiamata coaching coffee confirmed conversa "
    "conversation daily dejeuner demo dinner discussion drink drinks encontro follow followup friday fw fwd "
    "gesprach gesprek hold in incontro interview intro introduction invitation invite jantar kaffe kaffee kahvi "
    "kawa kick kickoff koffie llamada lunch meet meeting meetup mentoring mittagessen monday monthly mote new of "
    "off on online onsite over overleg phone planning pranzo re remote rendez reuniao reunion review riunione "
    "rozmowa samtal saturday session skype spotkanie stand standup sunday sync talk tea teams telefonat tentative "
    "termin the thursday to today tomorrow treffen tuesday up update video visit vous walk wednesday weekly "
    "workshop zoom "
)
"""Capitalised in many a title, and no surname there ("Dana Coffee Chat")."""

ORDINARY = _listed(
    "al amber angel angeles april art asia august austin autumn avril baker bear bill bo bond brook brooklyn "
    "buddy carolina carter case cash chad chance charity chase chelsea china chip christmas clay cliff constant "
    "cook cruz crystal daisy dale dallas dash dawn dean desire destiny di do domingo duke earl easter ed eve "
    "faith felicite fisher flor florence fox fr frank frei friday gardener georgia grace grant guy hall happy "
    "harmony heath heather holly hope houston hunter india iris israel ivy jade jan jesus jewel jordan journey "
    "joy jun june juste justice king kit lane liberty lily linde london lucky luna luz madison mai major mark "
    "mars mason may mercy miles mo olive page paris parker pat patience paz pearl penn pilar prince prudence ray "
    "reed rich river rob rocky rose ruby rusty sa sandy sat savannah skip sky so sol sonne star stone summer sun "
    "sunday sunny sydney tag taylor trace trip tuesday turner violet virginia vita wade walker ward wednesday "
    "will win wolf "
)
"""First names that are also words, months, days or places: they count only in company ("Coffee with Will")."""

HONOURED = ("さん", "様", "さま", "氏", "先生", "くん", "ちゃん", "님", "씨", "老师", "女士")
"""Makes a person of one part of a name in a script without spaces."""
