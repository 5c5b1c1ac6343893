"""Writes clean.json: what Python's html.unescape and str.strip make of odd texts, and Unidecode of letters and signs.

python clean.py (with Unidecode of PyPI)
"""
import html
import html.entities
import json
import os
import random
import sys

import unidecode

random.seed(1)
names = sorted(html.entities.html5)
odd = [
    "", "&", "&&", "&;", "&#", "&#;", "&#x", "&#x;", "&#xg;", "&amp", "&amp;amp;", "&amp;#38;", "&amp;nGt;", "&ampere;", "&amp-x;", "&notit;", "&notin;",
    "&noti n;", "&lt", "&LT;", "&l;", "&lt<", "&nbsp;x&nbsp;", " &nbsp; ", "&semi;", "&fjlig;", "&ThickSpace;", "&NotEqualTilde;",
    "&CounterClockwiseContourIntegral;", "&CounterClockwiseContourIntegral", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;",
    "&ampaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", "&ampé;", "&é;", "&quot&quot;", "&#38;#38;", "&#0;", "&#00065;", "&#65", "&#65x", "&#x41",
    "&#X41;", "&#x41g", "&#128;", "&#129;", "&#x9f;", "&#159;", "&#xd800;", "&#xdfff;", "&#x10ffff;", "&#x10fffe;", "&#x110000;", "&#99999999999999999999;",
    "&#1;", "&#8;", "&#9;x&#9;", "&#10;x", "&#11;x", "&#12;x", "&#13;x", "a&#13;b", "&#14;", "&#31;", "&#127;", "&#xfdd0;", "&#xfdef;", "&#xfdf0;", "&#xfffe;",
    "&#xffff;", "&#x1fffe;", "&#x1f600;", "&#55296;", "&copy2024", "&copy;2024", "&frac12", "&yen&yen;", "\n\nx\ny\n", "\r\nx\r\n", "a\r\nb", "\tx\u00a0",
    "\x1cx\x1f", "\x00x", "\u2028x\u2029y\u202f", "\u200bx\u200b", "\u180ex", "\ufeffx", "\x85x\x85", "<br />It&#39;s &quot;good&quot;<br/>", "&eacute&Eacute;",
]
for name in names:
    odd += ["&" + name] + ([] if name.endswith(";") else ["a&" + name + "x;"])
for n in range(160):
    odd.append(f"a&#{n};b&#x{n:x}c")
alphabet = "&&&&#xX;;0123456789abltgmpq \n\té"
for _ in range(1000):
    odd.append("".join(random.choice(alphabet) for _ in range(random.randrange(24))))
for n in list(range(0x3100)) + list(range(0xfe00, 0x10000)):
    if chr(n).isspace():
        odd.append(chr(n) + "x" + chr(n) + "y" + chr(n))

letters = [n for n in list(range(0xa0, 0x180)) + list(range(0x1e00, 0x1f00)) + list(range(0x2010, 0x2040)) + [0x20ac, 0x2122, 0x2212, 0xfb01, 0xfb02]]
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "clean.json"), "w") as f:
    json.dump({
        "python": sys.version.split()[0],
        "unidecode": [[chr(n), unidecode.unidecode(chr(n))] for n in letters],
        "unescape": [[t, html.unescape(t)] for t in odd],
        "paper": [[t, html.unescape(t).replace("\n", " ").strip()] for t in odd if t != t.strip() or " " in t or "\n" in t],
    }, f, ensure_ascii=True, separators=(",", ":"))
