#!/usr/bin/env python3
"""Writes portal/clock/data/calendars.json: the public holidays of the
jurisdictions other than China, by the rules their laws give, for 2019 to 2030.
Days that are proclaimed once stand in ONCE. Run it after a change:

  python3 tools/calendars.py > portal/clock/data/calendars.json
"""
import datetime as dt, json, math

D, DAY = dt.date, dt.timedelta(1)
YEARS = range(2019, 2031)


def easter(y):
    a, b, c = y % 19, y // 100, y % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    l = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * l) // 451
    n = h + l - 7 * m + 114
    return D(y, n // 31, n % 31 + 1)


def nth(y, month, weekday, n):
    """The nth weekday (Monday 0) of a month; -1 the last."""
    if n < 0:
        d = (D(y + month // 12, month % 12 + 1, 1)) - DAY
        while d.weekday() != weekday:
            d -= DAY
        return d
    d = D(y, month, 1)
    while d.weekday() != weekday:
        d += DAY
    return d + 7 * (n - 1) * DAY


def moved(days):
    """Days that fall on a weekend, or on a day taken, move to the next free weekday."""
    out = {}
    for d, name in days:
        while d.weekday() > 4 or d in out:
            d += DAY
        out[d] = name
    return out


def uk(y, part):
    e = easter(y)
    fixed = [(D(y, 1, 1), "New Year's Day")]
    if part == "SCT":
        fixed.append((D(y, 1, 2), "2 January"))
    out = moved(fixed)
    out.update(moved([(D(y, 12, 25), "Christmas Day"), (D(y, 12, 26), "Boxing Day")]))
    out[e - 2 * DAY] = "Good Friday"
    out[D(2020, 5, 8) if y == 2020 else nth(y, 5, 0, 1)] = "Early May bank holiday"
    out[D(2022, 6, 2) if y == 2022 else nth(y, 5, 0, -1)] = "Spring bank holiday"
    out[nth(y, 8, 0, 1) if part == "SCT" else nth(y, 8, 0, -1)] = "Summer bank holiday"
    if part != "SCT":
        out[e + DAY] = "Easter Monday"
    if part == "SCT":
        out.update(moved([(D(y, 11, 30), "St Andrew's Day")]))
    if part == "NI":
        out.update(moved([(D(y, 3, 17), "St Patrick's Day"), (D(y, 7, 12), "Battle of the Boyne")]))
    for d, name in ((D(2022, 6, 3), "Platinum Jubilee"), (D(2022, 9, 19), "State Funeral"), (D(2023, 5, 8), "Coronation")):
        if d.year == y:
            out[d] = name
    return out


def gb(y):
    out = {}
    for part in ("EW", "SCT", "NI"):
        out.update(uk(y, part))
    return out


def us(y):
    def observed(d):
        return d - DAY if d.weekday() == 5 else d + DAY if d.weekday() == 6 else d
    days = [(D(y, 1, 1), "New Year's Day"), (D(y, 7, 4), "Independence Day"), (D(y, 11, 11), "Veterans Day"), (D(y, 12, 25), "Christmas Day")]
    if y >= 2021:
        days.append((D(y, 6, 19), "Juneteenth"))
    out = {observed(d): n for d, n in days}
    next_year = observed(D(y + 1, 1, 1))
    if next_year.year == y:
        out[next_year] = "New Year's Day"
    out = {d: n for d, n in out.items() if d.year == y}
    for m, n, name in ((1, 3, "Martin Luther King Day"), (2, 3, "Washington's Birthday"), (9, 1, "Labor Day"), (10, 2, "Columbus Day")):
        out[nth(y, m, 0, n)] = name
    out[nth(y, 5, 0, -1)] = "Memorial Day"
    out[nth(y, 11, 3, 4)] = "Thanksgiving Day"
    return out


def ca(y):
    e = easter(y)
    out = moved([(D(y, 1, 1), "New Year's Day")])
    for days in ([(D(y, 7, 1), "Canada Day")], [(D(y, 11, 11), "Remembrance Day")], [(D(y, 12, 25), "Christmas Day")],
                 [(D(y, 9, 30), "Truth and Reconciliation")] if y >= 2021 else []):
        out.update(moved(days))
    d = D(y, 5, 24)
    while d.weekday() != 0:
        d -= DAY
    out.update({e - 2 * DAY: "Good Friday", e + DAY: "Easter Monday", d: "Victoria Day", nth(y, 9, 0, 1): "Labour Day", nth(y, 10, 0, 2): "Thanksgiving"})
    return out


def de(y):
    e = easter(y)
    return {D(y, 1, 1): "Neujahr", e - 2 * DAY: "Karfreitag", e + DAY: "Ostermontag", D(y, 5, 1): "Tag der Arbeit", e + 39 * DAY: "Christi Himmelfahrt",
            e + 50 * DAY: "Pfingstmontag", D(y, 10, 3): "Tag der Deutschen Einheit", D(y, 12, 25): "1. Weihnachtstag", D(y, 12, 26): "2. Weihnachtstag"}


def eu(y):
    e = easter(y)
    out = {e - 3 * DAY: "Maundy Thursday", e - 2 * DAY: "Good Friday", e + DAY: "Easter Monday", D(y, 5, 1): "Labour Day", D(y, 5, 9): "Europe Day",
           e + 39 * DAY: "Ascension", e + 40 * DAY: "day after Ascension", e + 50 * DAY: "Whit Monday", D(y, 7, 21): "Belgian National Day",
           D(y, 8, 15): "Assumption", D(y, 11, 1): "All Saints", D(y, 11, 2): "All Souls", D(y, 1, 1): "New Year", D(y, 1, 2): "day after New Year"}
    for n in range(24, 32):
        out[D(y, 12, n)] = "end of the year"
    return out


def jp(y):
    spring = math.floor(20.8431 + 0.242194 * (y - 1980) - (y - 1980) // 4)
    autumn = math.floor(23.2488 + 0.242194 * (y - 1980) - (y - 1980) // 4)
    h = {D(y, 1, 1): "元日", nth(y, 1, 0, 2): "成人の日", D(y, 2, 11): "建国記念の日", D(y, 3, spring): "春分の日", D(y, 4, 29): "昭和の日",
         D(y, 5, 3): "憲法記念日", D(y, 5, 4): "みどりの日", D(y, 5, 5): "こどもの日", nth(y, 9, 0, 3): "敬老の日", D(y, 9, autumn): "秋分の日",
         D(y, 11, 3): "文化の日", D(y, 11, 23): "勤労感謝の日"}
    if y >= 2020:
        h[D(y, 2, 23)] = "天皇誕生日"
    h[{2020: D(2020, 7, 23), 2021: D(2021, 7, 22)}.get(y, nth(y, 7, 0, 3))] = "海の日"
    h[{2020: D(2020, 8, 10), 2021: D(2021, 8, 8)}.get(y, D(y, 8, 11))] = "山の日"
    h[{2020: D(2020, 7, 24), 2021: D(2021, 7, 23)}.get(y, nth(y, 10, 0, 2))] = "スポーツの日"
    if y == 2019:
        h.update({D(2019, 4, 30): "休日", D(2019, 5, 1): "即位の日", D(2019, 5, 2): "休日", D(2019, 10, 22): "即位礼正殿の儀"})
    for d in sorted(h):
        if d.weekday() == 6:
            s = d + DAY
            while s in h:
                s += DAY
            h[s] = "振替休日"
    for d in sorted(h):
        if d + 2 * DAY in h and d + DAY not in h and (d + DAY).weekday() != 6:
            h[d + DAY] = "国民の休日"
    for d in (D(y, 1, 2), D(y, 1, 3), D(y, 12, 29), D(y, 12, 30), D(y, 12, 31)):
        h.setdefault(d, "行政機関の休日")
    return h


ABOUT = {
    "GB": ("any day that is a bank holiday in any part of the United Kingdom, with Christmas Day and Good Friday (FOIA s.10(6)); one-off days up to 2023", gb),
    "GB-SCT": ("bank holidays in Scotland and Christmas Day (FOISA s.73); one-off days up to 2023", lambda y: uk(y, "SCT")),
    "US": ("legal public holidays as observed (5 USC 6103)", us),
    "CA": ("holidays of the Interpretation Act s.35 with Thanksgiving", ca),
    "DE": ("holidays of the Federation and all Länder; a Land's own must be loaded", de),
    "EU": ("days on which the Commission usually rests; each institution publishes its own list, which must be loaded", eu),
    "JP": ("national holidays and the holidays of administrative organs (行政機関の休日に関する法律)", jp),
    "none": ("weekends only", lambda y: {}),
}

out = []
for code, (about, rule) in ABOUT.items():
    days = []
    for y in YEARS:
        for d, name in sorted(rule(y).items()):
            if d.weekday() < 5 and d.year == y:
                days.append({"date": d.isoformat(), "name": name})
    out.append({"calendar": code, "about": about, "from": YEARS[0], "to": YEARS[-1], "days": days})
print("[")
print(",\n".join(' {"calendar": %s, "about": %s, "from": %d, "to": %d, "days": [\n%s\n ]}' % (
    json.dumps(c["calendar"]), json.dumps(c["about"]), c["from"], c["to"],
    ",\n".join("  " + json.dumps(d, ensure_ascii=False) for d in c["days"])) for c in out))
print("]")
