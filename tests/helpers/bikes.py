"""Bike and car, compared in each form that is read, and the Comparison that all of them are."""

from knowledge.comparison import Comparison, Passage

MARKDOWN = """\
# City Bike vs. Small Car

Both take you *across town*. A car
also takes [a fridge](https://example.org).

Much depends on rain.

## Feature Comparison

| Dimension | City Bike | Small Car |
| --- | --- | --- |
| Yearly cost | About **$300** in all | About $4K, mostly fuel |
| Range | 20 km a day | 600 km on one tank |

## Detailed Analysis

### Health & mood

Riding is exercise. `Sitting` is none.

- Fresh air counts, too.

## Best For

### Short commutes

**City Bike**

Under 5 km, nothing parks faster.

### Moving house
Small Car

A sofa needs a boot.

### Rainy towns

**It depends**

Rain gear helps &amp; so do trams.

## The Bottom Line

Own the bike, rent the car.
"""

HTML = """\
<!DOCTYPE html>
<html><head><title>City Bike vs. Small Car | Example</title><style>p {color: red}</style></head>
<body><nav><ul><li>Home</li></ul></nav>
<h1>City Bike vs. <em>Small Car</em></h1>
<div><p>Both take you <em>across town</em>. A car
also takes <a href="https://example.org">a fridge</a>.</p>
<p>Much depends on rain.<!-- ad --></p></div>
<h2>Feature comparison</h2>
<table><thead><tr><th>Dimension</th><th>City Bike</th><th>Small Car</th></tr></thead>
<tbody><tr><td>Yearly cost</td><td>About <b>$300</b> in all</td>
<td>About $4K, mostly fuel</td></tr>
<tr><td>Range</td><td><p>20 km</p><p>a day</p></td><td>600 km on<br>one tank</td></tr></tbody>
</table>
<h2>Analysis</h2>
<h3>Health &amp; mood</h3><p>Riding is exercise. Sitting is none.</p>
<ul><li>Fresh air counts, too.</li>
</ul><script>alert(1)</script>
<h2>Use Cases</h2>
<h3>Short commutes</h3><div><span>City Bike</span><p>Under 5 km, nothing parks faster.</p></div>
<h3>Moving house</h3><p><b>small car</b><br>A sofa needs a boot.</p>
<h3>Rainy towns</h3><p>It depends</p><p>Rain gear helps &amp; so do trams.</p>
<h2>Bottom line</h2><p>Own the bike, rent the car.</p><footer>(c) Example</footer></body></html>
"""

TEXT = """\
City Bike vs. Small Car

Comparison

Both take you across town. A car also takes a fridge.

Much depends on rain.

Feature Comparison

DimensionCity BikeSmall Car
Yearly costAbout $300 in allAbout $4K, mostly fuel
Range\t20 km a day\t600 km on one tank

Detailed Analysis

Health & mood

Riding is exercise. Sitting is none.
Fresh air counts, too.

Best For

Short commutes

City Bike

Under 5 km, nothing parks faster.

Moving house

Small Car

A sofa needs a boot.

Rainy towns

It depends

Rain gear helps & so do trams.

The Bottom Line

Own the bike, rent the car.
"""

EXPECTED = Comparison(
    title="City Bike vs. Small Car",
    options=("City Bike", "Small Car"),
    both="It depends",
    as_of="",
    passages=(
        Passage(
            1,
            "introduction",
            "Introduction",
            "Both take you across town. A car also takes a fridge.\nMuch depends on rain.",
        ),
        Passage(
            2,
            "dimension",
            "Yearly cost",
            "City Bike: About $300 in all\nSmall Car: About $4K, mostly fuel",
            cells=("About $300 in all", "About $4K, mostly fuel"),
        ),
        Passage(
            3,
            "dimension",
            "Range",
            "City Bike: 20 km a day\nSmall Car: 600 km on one tank",
            cells=("20 km a day", "600 km on one tank"),
        ),
        Passage(
            4,
            "analysis",
            "Health & mood",
            "Riding is exercise. Sitting is none.\nFresh air counts, too.",
        ),
        Passage(5, "best-for", "Short commutes", "Under 5 km, nothing parks faster.", "City Bike"),
        Passage(6, "best-for", "Moving house", "A sofa needs a boot.", "Small Car"),
        Passage(7, "best-for", "Rainy towns", "Rain gear helps & so do trams.", "It depends"),
        Passage(8, "bottom-line", "The Bottom Line", "Own the bike, rent the car."),
    ),
)

FRONT = "---\ntitle: City Bike vs. Small Car\noptions: [City Bike, Small Car]\n"
