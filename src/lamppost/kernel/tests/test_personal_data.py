"""Sentences people write to a city, and what of each the public must not read."""

# Sentences in right-to-left script; the mark of what is hidden is written as ▇▇▇.

from __future__ import annotations

import time

import pytest

from lamppost.kernel.personal_data import DataKind, Public, find, hidden

OURS = Public(
    phones=frozenset({"+12156868686"}),
    emails=frozenset({"help@city.example"}),
    domains=frozenset({"city.example"}),
)

# country, sentence, what the public reads
HIDDEN = [
    ("US", "Call me at 215-555-0142 after six", "Call me at ▇▇▇ after six"),
    ("US", "My cell is (215) 555-0142.", "My cell is ▇▇▇."),
    ("US", "text 215.555.0142 please", "text ▇▇▇ please"),
    ("US", "reach me +1 215 555 0142", "reach me ▇▇▇"),
    ("US", "2155550142 is my number", "▇▇▇ is my number"),
    ("US", "phone: 1-215-555-0142", "phone: ▇▇▇"),
    ("US", "call 555-0142 and ask", "call ▇▇▇ and ask"),
    ("US", "my whatsapp is +56 9 8123 4567", "my whatsapp is ▇▇▇"),
    ("US", "Pothole at 5th and Main, 215 555 0142, thanks", "Pothole at 5th and Main, ▇▇▇, thanks"),
    ("US", "Two numbers: 215-555-0142 or 267-555-0199", "Two numbers: ▇▇▇ or ▇▇▇"),
    ("CL", "Llámeme al 9 8123 4567", "Llámeme al ▇▇▇"),
    ("CL", "mi teléfono es +56981234567", "mi teléfono es ▇▇▇"),
    ("CL", "fono 32 225 1234 en la tarde", "fono ▇▇▇ en la tarde"),
    ("US", "mi celular 215-555-0142, gracias", "mi celular ▇▇▇, gracias"),
    ("US", "اتصلوا بي على 215-555-0142", "اتصلوا بي على ▇▇▇"),
    ("US", "رقم هاتفي ٢١٥٥٥٥٠١٤٢", "رقم هاتفي ▇▇▇"),
    ("US", "هاتفي +1 215 555 0142 مساء", "هاتفي ▇▇▇ مساء"),
    ("US", "write to ana.lopez@example.org", "write to ▇▇▇"),
    ("US", "ANA+311@Example.ORG is mine", "▇▇▇ is mine"),
    ("US", "email ana (at) example (dot) org", "email ▇▇▇"),
    ("US", "ana.lopez at example dot com", "▇▇▇"),
    ("US", "mi correo: ana_lopez@correo.example.cl", "mi correo: ▇▇▇"),
    ("US", "mi correo es ana arroba example punto com", "mi correo es ▇▇▇"),
    ("US", "بريدي sara@example.org شكرا", "بريدي ▇▇▇ شكرا"),
    ("US", "My name is Maria Lopez and the light is out", "My name is ▇▇▇ and the light is out"),
    ("US", "my name is maria lopez, the light is out", "my name is ▇▇▇, the light is out"),
    ("US", "My name's Bob. Tree down", "My name's ▇▇▇. Tree down"),
    ("US", "Hello, my full name is Mary Ann O'Neil-Smith", "Hello, my full name is ▇▇▇"),
    ("US", "I am John Smith, a resident here", "I am ▇▇▇, a resident here"),
    ("US", "I'm Keisha, from the block", "I'm ▇▇▇, from the block"),
    (
        "US",
        "This is Tom Brown calling about the sink hole",
        "This is ▇▇▇ calling about the sink hole",
    ),
    ("US", "His name is Peter Jones and he dumps trash", "His name is ▇▇▇ and he dumps trash"),
    ("US", "the neighbor's name is Frank Miller", "the neighbor's name is ▇▇▇"),
    ("US", "The landlord's name is Dana White.", "The landlord's name is ▇▇▇."),
    ("US", "Name: Rosa Parker\nBroken lamp", "Name: ▇▇▇\nBroken lamp"),
    ("US", "Please ask for Linda Park", "Please ask for ▇▇▇"),
    ("US", "Please fix it. Sincerely, Maria Lopez", "Please fix it. Sincerely, ▇▇▇"),
    ("US", "Please fix it.\nThank you,\nJose Rivera", "Please fix it.\nThank you,\n▇▇▇"),
    ("US", "It smells bad. Thanks, Ann", "It smells bad. Thanks, ▇▇▇"),
    ("US", "Light is out\n- Carla", "Light is out\n- ▇▇▇"),
    ("CL", "Me llamo Juan Pérez y hay un hoyo", "Me llamo ▇▇▇ y hay un hoyo"),
    ("CL", "me llamo juan pérez, hay un hoyo", "me llamo ▇▇▇, hay un hoyo"),
    ("CL", "Mi nombre es María de los Ángeles Soto", "Mi nombre es ▇▇▇"),
    ("CL", "Soy Carmen Rojas, vecina del cerro", "Soy ▇▇▇, vecina del cerro"),
    ("CL", "Hola, soy Pedro, de la junta", "Hola, soy ▇▇▇, de la junta"),
    ("CL", "El vecino se llama Luis Vera", "El vecino se llama ▇▇▇"),
    ("CL", "Nombre: Elena Díaz\nFuga de agua", "Nombre: ▇▇▇\nFuga de agua"),
    ("CL", "Pregunte por Rosa Muñoz", "Pregunte por ▇▇▇"),
    ("CL", "Ojalá lo arreglen. Atentamente, Iván Soto", "Ojalá lo arreglen. Atentamente, ▇▇▇"),
    ("CL", "Está a nombre de Laura Reyes", "Está a nombre de ▇▇▇"),
    ("US", "اسمي محمد علي وأريد الإبلاغ عن حفرة", "اسمي ▇▇▇ وأريد الإبلاغ عن حفرة"),
    ("US", "أنا اسمي فاطمة", "أنا اسمي ▇▇▇"),
    ("US", "إسمي هو خالد حسن من الحي", "إسمي هو ▇▇▇ من الحي"),
    ("US", "الاسم: سارة أحمد", "الاسم: ▇▇▇"),
    ("US", "الضوء معطل. شكرا، سارة", "الضوء معطل. شكرا، ▇▇▇"),
    ("US", "Meu nome é João Silva", "Meu nome é ▇▇▇"),
    ("US", "Je m'appelle Claire Martin", "Je m'appelle ▇▇▇"),
    ("US", "меня зовут Иван Петров", "меня зовут ▇▇▇"),
    ("US", "我叫王小明，路灯坏了", "我叫▇▇▇，路灯坏了"),
    ("US", "Abandoned car, license plate ABC-1234", "Abandoned car, license plate ▇▇▇"),
    (
        "US",
        "license plate number KLM 4567 parked on the walk",
        "license plate number ▇▇▇ parked on the walk",
    ),
    ("US", "Plate: HXR7821, blue Honda", "Plate: ▇▇▇, blue Honda"),
    ("US", "plate # is jtk 9021", "plate # is ▇▇▇"),
    ("US", "PA tag LDZ3345 blocks my door", "PA tag ▇▇▇ blocks my door"),
    ("US", "tag number is MMN2210", "tag number is ▇▇▇"),
    ("US", "license plate LUVDOGS", "license plate ▇▇▇"),
    ("US", "white van JKL-4455 dumping tires", "white van ▇▇▇ dumping tires"),
    ("CL", "auto abandonado patente BBCL12", "auto abandonado patente ▇▇▇"),
    ("CL", "la patente es BB·CL·12", "la patente es ▇▇▇"),
    ("CL", "placa AB-1234 en la vereda", "placa ▇▇▇ en la vereda"),
    ("CL", "camioneta roja HJKL-45 botando basura", "camioneta roja ▇▇▇ botando basura"),
    ("US", "placa número KLM-4567", "placa número ▇▇▇"),
    ("US", "رقم لوحة السيارة ABC-1234", "رقم لوحة السيارة ▇▇▇"),
    ("US", "سيارة مهجورة لوحة ٤٥٦٧", "سيارة مهجورة لوحة ▇▇▇"),
    ("US", "اللوحة رقمها KLM 4567", "اللوحة رقمها ▇▇▇"),
    ("US", "I live at 1234 Market Street and it floods", "I live at ▇▇▇ and it floods"),
    ("US", "I live on 52 Elm St, second floor", "I live on ▇▇▇, second floor"),
    ("US", "My address is 900 Pine St Apt 4B. Rats!", "My address is ▇▇▇. Rats!"),
    ("CL", "Vivo en Los Aromos 123, hay ratones", "Vivo en ▇▇▇, hay ratones"),
    ("CL", "mi casa es Pasaje Uno 45 y no hay luz", "mi casa es ▇▇▇ y no hay luz"),
    ("US", "أسكن في شارع النخيل 12، والضوء معطل", "أسكن في ▇▇▇، والضوء معطل"),
    ("US", "عنواني ٤٥ شارع السوق", "عنواني ▇▇▇"),
    ("US", "my social is 123-45-6789", "my social is ▇▇▇"),
    ("CL", "mi RUT 12.345.678-9", "mi RUT ▇▇▇"),
]

STAYS = [
    ("US", "Pothole at 1234 Market Street"),
    ("US", "House number 2155 on 5th Street"),
    ("US", "Route 23 bus stop is broken"),
    ("US", "I called 311 twice"),
    ("US", "Call 911 if it smokes"),
    ("US", "The crisis line is 988"),
    ("US", "Case 2025-0012345 was closed"),
    ("US", "My request number 2155550142 is still open"),
    ("US", "ticket #2155550142"),
    ("US", "Service request 12345678 again"),
    ("US", "since 2025-01-12, every day"),
    ("US", "On 01/12/2025 at 10:30"),
    ("US", "It cost me $1,250.00 to repair"),
    ("US", "about 2000000 dollars"),
    ("US", "pole number 445-1234 is leaning"),
    ("US", "Light pole 3321234 is out"),
    ("US", "The 1500 block of Locust, 1500-1599"),
    ("US", "ZIP 19104-2345"),
    ("US", "lat 39.952583 long -75.165222"),
    ("US", "Business license 123456 expired"),
    ("US", "Officer badge 4412 was helpful"),
    ("US", "permit 2156868 is posted"),
    ("US", "Call the city at 215-686-8686"),
    ("US", "see help@city.example or trash@city.example"),
    ("US", "Dial 1-800-555-0199 toll free"),
    ("US", "My name is not important"),
    ("US", "my name is on the list"),
    ("US", "my name is already with you"),
    ("US", "My name is private"),
    ("US", "I am a resident of this block"),
    ("US", "I am writing about the trash"),
    ("US", "I am disabled and cannot walk there"),
    ("US", "I'm calling about Broad Street"),
    ("US", "I am Muslim, and the noise is at prayer"),
    ("US", "This is Broad Street, not Locust Street"),
    ("US", "The street name is Locust"),
    ("US", "Street name: Locust"),
    ("US", "Thanks for your help"),
    ("US", "Thank you"),
    ("US", "Thanks, please hurry up"),
    ("US", "Steel plate on the road is loud"),
    ("US", "metal plate 4x8 over a trench"),
    ("US", "The plate is loose"),
    ("US", "license plate is missing"),
    ("US", "car without a license plate for weeks"),
    ("US", "registration expired in 2023"),
    ("US", "someone put a tag on the wall"),
    ("US", "I live on this street for 20 years"),
    ("US", "I live at the corner of 5th and Main"),
    ("US", "I live in Philadelphia since 1999"),
    ("US", "Mural of John Smith is peeling"),
    ("US", "Martin Luther King Drive is flooded"),
    ("US", "Meet at 5 pm at city hall"),
    ("US", "It is at 13th. Complete mess; look at example.com"),
    ("US", "the sign says 2 hr parking 8am-6pm"),
    ("US", "bags 10-20-30 are ripped"),
    ("CL", "Hay un hoyo en Avenida Argentina 1234"),
    ("CL", "Soy vecina del cerro Alegre"),
    ("CL", "Soy Vecina del cerro"),
    ("CL", "soy una persona mayor"),
    ("CL", "Soy chileno y pago impuestos"),
    ("CL", "La calle se llama Los Aromos"),
    ("CL", "mi nombre no importa"),
    ("CL", "Caso 2025-000123 cerrado"),
    ("CL", "solicitud número 981234567"),
    ("CL", "folio 225123456"),
    ("CL", "Llame al 133 o al 131"),
    ("CL", "Cuesta $12.500 pesos"),
    ("CL", "Vivo en este barrio hace 20 años"),
    ("CL", "vivo en Chile desde 1998"),
    ("CL", "la placa conmemorativa está rota"),
    ("CL", "auto sin patente hace 3 meses"),
    ("CL", "Muchas gracias"),
    ("CL", "el 12/03/2025 a las 15:30"),
    ("CL", "micro 612 no pasa"),
    ("CL", "poste 4512345 apagado"),
    ("US", "حفرة في شارع السوق 1234"),
    ("US", "اتصلت ب 311 مرتين"),
    ("US", "الطلب رقم 2155550142 ما زال مفتوحا"),
    ("US", "أنا ساكن في الحي"),
    ("US", "أنا مريض ولا أستطيع المشي"),
    ("US", "اسمي ليس مهما"),
    ("US", "أسكن في هذا الشارع منذ 20 سنة"),
    ("US", "شكرا لكم"),
    ("US", "لوحة الشارع مكسورة"),
    ("US", "الحافلة رقم 23 لا تأتي"),
    ("US", "يوم 12/03/2025 الساعة 10:30"),
]


@pytest.mark.parametrize(("country", "text", "shown"), HIDDEN)
def test_what_the_public_must_not_read_is_hidden(country: str, text: str, shown: str) -> None:
    assert hidden(text, find(text, country=country, public=OURS)) == shown


@pytest.mark.parametrize(("country", "text"), STAYS)
def test_what_describes_the_matter_stays(country: str, text: str) -> None:
    assert [text[span.start : span.end] for span in find(text, country=country, public=OURS)] == []


def test_kinds_are_told_apart() -> None:
    text = "My name is Ana Diaz, 215-555-0142, ana@example.org, license plate ABC-1234"
    found = [span.kind for span in find(text, country="US")]
    assert found == [DataKind.NAME, DataKind.PHONE, DataKind.EMAIL, DataKind.PLATE]


# Each takes time without end, or minutes, where a pattern may give back what it took.
LONG = [
    "my name is " + "a " * 2000 + "call 1" * 300 + "@" * 500 + " plate " * 300,
    "thanks" + " " * 4000 + "x,",
    "thanks ab" + " " * 4000 + "x,",
    "\n-" + " " * 4000 + "x,",
    "\n" * 8000,
    "plate " + "of " * 1300,
    "plate is " * 900,
    "I live at " * 800,
    "a" * 8000 + "@",
    "x@" + "a" * 8000,
]


@pytest.mark.parametrize("text", LONG, ids=[text[:9].strip() for text in LONG])
def test_a_very_long_text_is_read_in_time(text: str) -> None:
    before = time.process_time()
    find(text, country="US")
    assert time.process_time() - before < 0.5
