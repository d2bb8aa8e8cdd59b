"""Words after which people write who they are, where they live and what a car's plate is.

Patterns for ``personal_data``; each language has what its speakers write to a city.
"""

# Right-to-left letters stand among the rest.

from __future__ import annotations

# Followed by a name however it is spelled.
NAME_IS = (
    r"(?:my|his|her|their) (?:full |first |last |sur)?name(?:'s| is)",
    r"(?:neighbou?r|owner|landlord|tenant|driver|husband|wife|mother|father|son|daughter)"
    r"(?:'s|s') name(?: is|:)",
    r"name'?s (?=[A-Z])",
    r"i am called",
    r"me llamo",
    r"(?:mi|su) (?:nombre(?: completo)?|apellido) es",
    r"(?:vecin[oa]|dueñ[oa]|señora?|arrendatari[oa]|conductora?) (?:que )?se llama",
    r"a nombre de",
    r"(?:أنا |انا )?(?:اسمي|إسمي)(?: الكامل)?(?: هو| هي)?",
    r"(?:اسمه|اسمها)(?: هو| هي)?",
    r"meu nome é",
    r"me chamo",
    r"je m'appelle",
    r"mon nom est",
    r"меня зовут",
    r"tôi tên là",
    r"(?:我叫|我的名字是|我姓)",
)

# Only with a capital letter behind: also said of much else.
NAME_MAY_FOLLOW = (
    r"i am",
    r"i'm",
    r"ask for",
    r"soy",
    r"yo soy",
    r"pregunt(?:e|ar|en) por",
    r"habla",
    r"eu sou",
    r"je suis",
)

# At the end of what was written, with nothing but a name behind.
GREETINGS = (
    r"sincerely|(?:best|kind|warm) regards|regards|respectfully|thanks(?: so much)?|thank you"
    r"|yours truly|cheers|atentamente|saludos(?: cordiales)?|(?:muchas )?gracias|cordialmente"
    r"|مع (?:خالص )?(?:التحية|تحياتي|الشكر)|وشكرا|شكرا(?: لكم)?|شكراً(?: لكم)?|تحياتي"
)

# A name does not begin with these, and ends before them.
_NO_NAME = """
a about above address again all already also always am an and angry another any are as asked at
attached back be because been behind being below blind blocked but by called calling can
concerned confidential contact correct different disabled even exactly filing for from going
good happy have having he here hearing homeless how i i'm if in is it just listed living
looking misspelled missing my near never no not now of on or our out phone private reporting
resident requesting retired she sick so sorry spelled still sure that the there they this to
today tired trying unable unknown unsure upset very was waiting we what where which who with
withheld worried writing wrong you your street road avenue block corner department city council
officer una un la el los las en es no y e o que de del desde con sin para por pero mi mis su
muy vecina vecino residente dueña dueño madre padre adulta adulto mayor persona ciudadana
ciudadano inquilina inquilino propietaria propietario alérgica alérgico desempleado jubilada
jubilado discapacitada discapacitado conocido confidencial vivo llamo teléfono في من على إلى
الى عن ليس لا غير مع هذا هذه الذي التي عند أسكن اسكن أعيش اعيش أريد اريد أبلغ ابلغ رقم هاتفي
رقمي عنواني ساكن ساكنة مقيم مقيمة لكم لك جزيلا كثيرا مكتوب موجود معروف مسجل هنا american
african arab asian black chinese christian english hispanic italian jewish latina latino
mexican muslim native puerto spanish white chilena chileno peruana peruano venezolana
venezolano haitiana haitiano colombiana colombiano boliviana boliviano
"""
NO_NAME = frozenset(_NO_NAME.split())

# Followed by a door: a street with its number, or the number first.
HOME = (
    r"i(?:'m| am)? (?:live|living|reside|residing|stay) (?:at|on|in)",
    r"i (?:have lived|lived) at",
    r"my (?:home |house |mailing |street )?address is",
    r"my (?:house|home|apartment) (?:is at|number is|is number|is)",
    r"(?:yo )?vivo en",
    r"(?:yo )?resido en",
    r"mi (?:casa|domicilio|dirección|direccion|departamento) (?:es|está en|esta en|queda en)",
    r"mi (?:dirección|direccion|domicilio):",
    r"(?:أنا |انا )?(?:أسكن|اسكن|أعيش|اعيش|أقيم|ساكن|ساكنة)(?: في| ب)?",
    r"(?:عنواني|عنوان بيتي|عنوان منزلي|بيتي في|منزلي في)(?: هو)?",
    r"moro na",
    r"j'habite(?: au)?",
)
HOME_ENDS = (
    r"[.;,،؛\n!?()]| and | but | since | for | because | where | which | across "
    r"| near | y | pero | desde | hace | porque | donde "
    r"| منذ | لكن | وهناك | ويوجد | قرب | بجانب |$"
)

# A plate's letters and digits behind.
PLATE = (
    r"(?:licen[cs]e|number|car'?s?|vehicle'?s?|truck'?s?) plates?",
    r"(?<!steel )(?<!metal )(?<!iron )(?<!cover )(?<!base )(?<!name )(?<!road )plates?",
    r"tags?(?= (?:number|no|#|is|reads))",
    r"(?:PA|NJ|NY|DE|MD) tags?",
    r"registration",
    r"placas?(?: patentes?)?",
    r"patentes?",
    r"matr[íi]culas?",
    r"(?:رقم )?(?:ال)?لوحة(?: السيارة| المركبة)?|لوحات السيارة|لوحتها|لوحته",
)
PLATE_BETWEEN = (
    r"(?:[\s:#,]*+(?:number|numbers|no\.?|num|nr|is|was|are|reads|reading|state|of|"
    r"from|[A-Z]{2}(?= [A-Z0-9])|número|numero|n[°º]|es|era|dice|de|la|"
    r"رقمها|رقم|رقمه|هي|هو|السيارة)\b\.?)*+[\s:#,]*+"
)
VEHICLES = (
    r"car|truck|van|suv|sedan|pickup|vehicle|motorcycle|bus|minivan|jeep|honda|toyota|ford|chevy|"
    r"nissan|auto|camioneta|camión|camion|vehículo|vehiculo|carro|furgón|moto|سيارة|شاحنة|مركبة"
)

# A number behind these is of a record, not of a person.
RECORD = (
    r"(?:case|request|ticket|service request|reference|ref|report|complaint|permit|work order|"
    r"invoice|order|account|parcel|opa|id|badge|pole|meter|asset|confirmation|incident|"
    r"docket|license|caso|solicitud|folio|ticket|reclamo|referencia|permiso|expediente|poste|"
    r"medidor|orden|الطلب|طلب|البلاغ|بلاغ|المرجع|التصريح|العداد|الشكوى)"
    r"(?: (?:id|number|numbers|no|nr|num|número|numero|رقم))?[\s.:#°º]*(?:is |was |es |هو )?$"
)
# A short local number is a phone's only behind these.
CALL = (
    r"(?:call|phone|telephone|tel|cell|mobile|text|reach|ring|contact|dial|fax|whatsapp|"
    r"llam[ea]\w*|ll[áa]m\w+|tel[ée]fono|fono|celular|cel|m[óo]vil|wasap|"
    r"اتصل\w*|اتصلوا|هاتف\w*|جوال\w*|رقمي|تلفون\w*|موبايل\w*|واتساب)"
    r"(?: (?:me|us|my|number|is|at|on|a|al|es|mi|me al|número|numero|بي|على|رقم|هو))*[\s.:#]*$"
)
