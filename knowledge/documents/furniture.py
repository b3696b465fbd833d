"""What stands around the text of a document: its contents, references, comments, contacts."""

import re

RECORDS = r"(?:log|history|records?|drivers?|makers?|criteria|matrix|process|dates?)"
APPARATUS = re.compile(  # a heading over what recommends nothing
    r"(?i)^\W*(?:(?:\d+ |leave an? |post an? |other |our |the )*(?:comments?|repl(?:y|ies)"
    r"|references|see also|further reading|external links|sources?|bibliography|footnotes|credits"
    r"|thanks|acknowledge?ments?|attachments?|annex\b.*|appendix\b.*|imprint|contact(?: us)?"
    r"|opening hours|action items|about the authors?|licen[cs]e|contribut(?:ing|ors)"
    rf"|navigation(?: menu)?|(?:test )?method\w*|decision {RECORDS}"
    r"|(?:pros|advantages) (?:and|&) (?:cons|disadvantages|drawbacks))"
    r"|(?:this is |the way )?how (?:we|i)(?: have)? (?:test|measur|rate|scor)\w*)\W*$"
)
POSITIONS = re.compile(  # a heading over what others want
    r"(?i)\bstakeholders?\b|\b(?:positions?|votes|opinions?|comments|feedback|responses?|submissions?"
    r"|statements?|views) (?:of|from|by)\b"
)
