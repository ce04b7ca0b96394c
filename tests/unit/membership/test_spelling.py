"""Spellings of one Malian name meet, however a clerk writes them; different names do not."""
import pytest

from services.membership.miners.spelling import card_key, likeness, name_key, word_keys

MEET = """
Coulibaly Kulibali Coulibali Koulibaly KULIBALY
Touré Ture Toure Turé
Diarra Jara Djarra Dyara Diara
Kéita Keyta Keita KEÏTA
Traoré Traore Traorè
Cissé Sissé Sisse Cisse Sise
Sissoko Cissokho Sisoko
Diallo Jallo Djallo Dialo Jalo
Konaté Konate Conaté Kɔnatɛ
Koné Kone Conè
Kouyaté Kuyate Couyaté Kouyate
Ouattara Wattara Watara
Ouologuem Wologuem Ouologem
Diakité Jakite Djakité
Dembélé Dembele Dɛnbɛlɛ Denbele
Doumbia Dumbia Doumbya
Haïdara Aïdara Haidara
Niaré Gnaré Nyare Ɲare
Guindo Gindo
Sangaré Sangare Sangarè
Samaké Samake Samaqué
Soumaré Sumare
Thiam Tiam
Bah Ba Bâ
N'Diaye Ndiaye N’Diaye Njaay
Moussa Musa Mousa
Issa Isa
Cheick Cheikh Sheikh Seick
Khady Kadi
Djénéba Jeneba Diénéba
Fatoumata Fatumata FATOUMATA
Mamadou Mamadu
Youssouf Yusuf Youssuf
Philippe Filip
Awa Hawa
Sékou Seku Secou
Daouda Dawda Dauda
Amadou Amadu Hamadou
Bintou Bintu
Ahmed Amed
"""
DIFFER = """
Traoré/Touré Diarra/Diallo Keita/Kanté Konaté/Koné Sangaré/Sanogo Coulibaly/Camara Moussa/Mamadou Mahamadou/Mamadou Fatoumata/Fanta Sidibé/Sissoko
Dembélé/Diabaté Maïga/Mariko Ba/Bagayoko Amadou/Amidou Oumou/Oumar Kadiatou/Kadidia Boubacar/Bakary Issa/Aïssa Seydou/Sékou Diarra/Diawara Sow/Sy
Bathily/Ballo Berthé/Barry Kamissoko/Sissoko Doumbia/Dembélé Diaby/Diabaté Kanouté/Kanté Togola/Togo Konta/Konaté Awa/Aïssata Niaré/Maré Diop/Diouf
"""


@pytest.mark.parametrize("spellings", MEET.split("\n")[1:-1])
def test_spellings_of_one_name_meet(spellings: str) -> None:
    assert len({name_key(name) for name in spellings.split()}) == 1, {name: name_key(name) for name in spellings.split()}


@pytest.mark.parametrize("pair", DIFFER.split())
def test_different_names_do_not_meet(pair: str) -> None:
    one, other = pair.split("/")
    assert name_key(one) != name_key(other)


def test_each_line_of_names_is_a_name_of_its_own() -> None:
    keys = [name_key(line.split()[0]) for line in MEET.split("\n")[1:-1]]
    assert len(set(keys)) == len(keys) >= 30


def test_words_are_found_in_any_order_and_a_hyphen_parts_them() -> None:
    assert name_key("Diarra Awa") == name_key("AWA  Jara") == name_key("Awa-Diarra")
    assert word_keys(" ... ") == [] and name_key("Site 20") != name_key("Site 200")


def test_decomposed_letters_are_the_same_letters() -> None:
    assert name_key("Toure\u0301") == name_key("Touré") and name_key("Dɛ\u0300nbɛlɛ") == name_key("Dɛnbɛlɛ")


@pytest.mark.parametrize("name", ["محمد كوليبالي", "ߡߎߛߊ߫ ߖߊߙߊ", "漢字 名"])
def test_names_in_other_scripts_have_the_keys_of_their_letters(name: str) -> None:
    first, last = name.split()
    assert len(word_keys(name)) == 2 and name_key(f"{last}  {first}") == name_key(name) != name_key(f"{first} Awa")


def test_tones_and_vowel_signs_of_other_scripts_part_no_word_and_make_no_other() -> None:
    assert word_keys("مُحَمَّد") == word_keys("محمد") and word_keys("ߡߎߛߊ߫") == word_keys("ߡߎߛߊ")


def test_a_card_is_the_same_with_spaces_and_strokes() -> None:
    assert card_key("k-0001 / b") == card_key("K0001B") == "K0001B" and card_key("K-0001") != card_key("K-0002")


def test_nobody_is_alike_by_what_is_not_known() -> None:
    assert likeness("Awa Diarra", 1990, "Niéna") == likeness("Jara Hawa", 1990, "Niena") != ""
    assert likeness("Awa Diarra", None, "Niéna") == likeness("Awa Diarra", 1990, None) == likeness("…", 1990, "Niéna") == ""
