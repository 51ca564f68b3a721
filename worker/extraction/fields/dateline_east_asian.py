"""Datelines in Chinese, Japanese and Korean, which name the place in brackets or in the agency's formula.

【東京=山田太郎】    【ワシントン共同】    [東京 24日 ロイター] -    (서울=연합뉴스) 김철수 기자 =
新华社北京11月24日电    （中央社記者王小明台北24日電）    【本報台北訊】    〔記者王小明／台北報導〕
"""

from __future__ import annotations

import re

_HAN = r"\u4e00-\u9fff"
_REPORTER = rf"(?:驻?[记記]者[{_HAN}]{{2,3}})"
_DAY = r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日"
_SOURCE = (
    rf"[{_HAN}]{{2,4}}社|[{_HAN}]{{1,2}}(?:新[网網闻聞]|民[网網])|本[报報刊网網台]|路透|法新|德新|共同"
    rf"|[{_HAN}]{{2,4}}[报報](?=[{_HAN}]{{2,6}}\d)"
)
_WIRE = r"共同|時事|ロイター|聯合(?:ニュース)?|新華社|タス|ＡＦＰ|AFP|ＡＰ|AP|ＵＰＩ|UPI|CNN|ブルームバーグ|Bloomberg"
_KOREAN_REPORTER = r"(?:[^=＝]{2,30}(?:기자|특파원)\s*[=＝]\s*)?"

PATTERNS = (
    re.compile(rf"[【\[](?P<place>[^\W\d]{{2,12}}?)(?:[・= ＝]?)(?P<agency>{_WIRE})[】\]]\s*"),
    re.compile(rf"[【\[](?P<place>[^\W\d]{{2,12}})[=＝・](?P<agency>[^】\]]{{2,20}})[】\]]\s*{_KOREAN_REPORTER}"),
    re.compile(rf"[(\[（](?P<place>[가-힣]{{2,8}})[=＝](?P<agency>[^)\]）]{{2,20}})[)\]）]\s*{_KOREAN_REPORTER}"),
    re.compile(
        rf"[\[［(（](?P<place>[^\W\d]{{2,12}})\s+{_DAY}\s+(?P<agency>[^\]］)）]{{2,12}})[\]］)）]\s*(?:[-–—－]\s*)?"
    ),
    re.compile(
        rf"[（(【]?据?(?P<agency>{_SOURCE}){_REPORTER}?(?P<place>[{_HAN}]{{2,8}}?){_DAY}"
        rf"(?:[{_HAN}]{{0,2}}[电電讯訊](?:\s*[（(]{_REPORTER}?[^（）()]{{0,20}}[）)])?|(?=\s*[-–—]))[）)】]?\s*(?:[-–—]\s*)?"
    ),
    re.compile(rf"【(?P<agency>本[报報]){_REPORTER}?(?P<place>[{_HAN}]{{2,6}})(?:[电電讯訊]|[報报][导導道])】\s*"),
    re.compile(
        rf"[〔【\[(（]?(?P<agency>[记記]者)[{_HAN}]{{2,4}}\s*[／/ ]\s*"
        rf"(?P<place>[{_HAN}]{{2,4}}?)(?:[电電]|[報报][导導道])[〕】\])）]?\s*"
    ),
)
