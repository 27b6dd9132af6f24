"""Shapes of English objects: places, employers, jobs, schools, ages."""

_CITY_HEAD = (
    "new|hong|san|los|las|santa|saint|st|south|north|el|buenos|kuala|tel|cape|mexico|washington|"
    "salt|united|czech|sri|costa|puerto|saudi|palo"
)
_NO_PLACE = (
    "a|an|the|my|our|his|her|their|this|that|these|those|another|some|someone|somewhere|fear|peace|"
    "harmony|here|there|town|nature|poverty|luxury|one|different|comfort|hope|love|style|shared|"
    "student|campus|dorms?|downtown|it|me|us|him|them|you|and|be|become|get|make|work|school|bed|"
    "front|back|next|home|college|university|marketing|management|new|old|bigger|smaller|better"
)
PLACE = (
    r"(?!(?:January|February|March|April|May|June|July|August|September|October|November|December|Spanish|"
    r"French|English|German|Chinese|I|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b)"
    r"(?:[A-Z][\w.'-]*(?:(?: (?:of|de|la|el|del|upon|du|von|do)(?: the)?)? [A-Z][\w.'-]*)*"
    rf"|(?<!the )(?:(?:{_CITY_HEAD}) [a-z]+|(?!(?:{_NO_PLACE})\b)[a-z]{{3,}})"
    r"(?=\s*$|,| (?:now|with|since|last|this|because|currently|these|again|instead|after|from|next)\b))"
)
PROPER_PLACE = r"[A-Z][\w.'-]*(?:(?: (?:of|de|la|el|del)(?: the)?)? [A-Z][\w.'-]*)*"
NEW = r"(?:a |an )(?:(?!in )[\w-]+ ){0,3}?(?:(?:town|city|village|place|apartment|flat|house|suburb|home|studio|neighbou?rhood) (?:called|named|in|near|of|outside(?: of)?) )"
SET_DATE = (
    r".*\b(?:on|in|from|by|next|this|starting|at the (?:start|beginning|end) of) (?:the )?(?:\d{1,2}(?:st|nd|rd|th)? (?:of )?)?(?:(?:early|mid|late)[ -])?"
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|"
    r"Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|spring|summer|autumn|fall|winter|week|month|year)\b"
)
"""A date that is set, anywhere behind."""
_NO_EMPLOYER = (
    "a|an|the|home|me|him|her|them|us|night|it|myself|himself|herself|food|free|fun|weeks?|hours?|"
    "days?|years?|months?|so|this|that|my|our|their|his|all|least|first|now|once|work|both|best|"
    "in|to|up|forces|together|school|college|university|low|high|minimum|different|various|kids|children|people|clients?|"
    "customers|animals|others|another|each|every|some|several|part|full|long|ages|charity|two|three|"
    "four|five|six|seven|eight|nine|ten|change|peace|lunch|dinner|good|sure|life|being|fixing|more"
)
_NOT_ORG = (
    r"January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|"
    r"Wednesday|Thursday|Friday|Saturday|Sunday|Christmas|I"
)
EMPLOYER = (
    rf"(?!(?:{_NOT_ORG})\b)(?![\w-]+'s\b)(?:[A-Z][\w&.'-]*(?:(?: of| and| &|,)? (?!(?:{_NOT_ORG})\b)[A-Z][\w&'.-]*)*"
    r"(?! [a-z]*\s?(?:group|club|class|team|gym|choir|community|course|band|league|meeting|event|party|"
    r"parade|support|conference|program|army|military|chapter|forum|movement|activist|church)s?\b)"
    rf"|(?!(?:{_NO_EMPLOYER}|\w+ing)\b)[a-z][a-z0-9&-]+(?=\s*$|,| (?:now|as|since|last|because|currently|these|again|instead)\b))"
)
JOB = r"[A-Za-z][\w/&-]*(?: (?!(?:at|for|in|with|on|to|since|who|from|last|this|now|there|here|where|after|by|next|because|while|so|when|within|during|until|today|yesterday|tomorrow)\b)[\w/&-]+){0,4}?"
STOP = (
    r"(?=\s*$|,| (?:at|for|in|with|on|and|to|since|who|from|last|this|now|there|here|where|after|by|next|"
    r"because|while|so|when|within|during|until|but|today|yesterday|tomorrow)\b)"
)
JOB_NOUN = (
    r"(?:engineer|developer|programmer|teacher|doctor|nurse|designer|writer|lawyer|attorney|accountant|chef|"
    r"cook|baker|barista|waiter|waitress|bartender|analyst|consultant|manager|director|architect|"
    r"scientist|researcher|professor|lecturer|tutor|journalist|reporter|editor|photographer|"
    r"filmmaker|actor|actress|musician|counselor|counsellor|therapist|psychologist|psychiatrist|"
    r"dentist|pharmacist|vet|veterinarian|surgeon|paramedic|firefighter|police officer|officer|"
    r"pilot|flight attendant|driver|mechanic|electrician|plumber|carpenter|farmer|florist|"
    r"hairdresser|salesperson|sales rep|realtor|broker|banker|trader|economist|translator|"
    r"interpreter|librarian|secretary|receptionist|administrator|assistant|intern|ceo|cto|cfo|coo|"
    r"CEO|CTO|CFO|COO|founder|entrepreneur|freelancer|product manager|project manager|team lead|lead|"
    r"head of \w+|supervisor|recruiter|marketer|copywriter|social worker|technician|"
    r"physiotherapist|dietitian|nutritionist|personal trainer|trainer|yoga instructor|instructor|"
    r"soldier|student|data scientist|principal|postdoc|paralegal|judge|politician|biologist|chemist|"
    r"physicist|historian|model|youtuber|streamer|blogger|homemaker|stay-at-home (?:mom|dad)|"
    r"contractor|strategist|planner|curator|gardener|tailor|cashier|bus driver|nanny)"
)
SCHOOL = (
    r"(?:[A-Z][\w.'-]*(?:(?: (?:of|at|and|for))? [A-Z][\w.'-]*)* )?(?:University|College|School|Institute|Academy|"
    r"Polytechnic)(?: of(?: [A-Z][\w-]+)+)?(?:,? [A-Z][\w-]+)*|(?:MIT|Stanford|Harvard|Oxford|Cambridge|UCLA|USC|NYU|Yale|Princeton|"
    r"Berkeley|Caltech|Columbia|Cornell|Duke|Brown|ETH|EPFL|UCL|Tsinghua|Peking University|Dartmouth|"
    r"Georgetown|Northwestern|Tufts)(?: [A-Z]\w+)*"
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
AGES = (
    rf"(?:{_TENS})(?:-(?:one|two|three|four|five|six|seven|eight|nine))?|eighteen|nineteen|sixteen|"
    "seventeen|fifteen|fourteen|thirteen|twelve|eleven|ten"
)
VERB_HEADS = (
    r"(?:lives?|moved|relocated|settled|works?|joined|left|quit|started|got|was|is|am|are|has|have|became|"
    r"went|turned|switched|upgraded|bought|use|uses|likes?|loves?|hates?|enjoys?|dislikes?|prefers?|does not|"
    r"doesn't|don't|do not|no longer|stopped|gave up|changed|broke up|can't|cannot|never|used to|"
    r"landed|retired|graduated|eats?|drinks?|drives?|owns?|resigned|lost|accepted|goes|attends?|studies|"
    r"replaced|sold|cancell?ed|booked|plans?|decided|isn't|takes|earns?|retrained|makes \d)"
)
