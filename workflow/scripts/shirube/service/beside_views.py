"""What stands beside small variants: pages of a structural variant and of a locus."""

from collections.abc import Sequence

from shirube.cohort.query.bounds import wilson
from shirube.service import figures
from shirube.service.listing import Row
from shirube.service.released import Released
from shirube.service.text import Words
from shirube.service.views import Line

STRUCTURAL_TYPES = ("DEL", "DUP", "INS", "INV", "BND", "CNV")  # those that have a word


def structural(released: Released, rows: Sequence[Row], text: Words) -> Row:
    """Everything the page of a structural variant shows; `rows` are of its groups."""
    first = rows[0]
    lines = []
    for row in rows:
        label = text.group(row["stratum"])
        if row["ac"] is None or not row["an"]:
            lines.append(Line(label, True, note=text("variant.withheld")))
            continue
        low, high = wilson(row["ac"], row["an"])
        numbers = (row["ac"], row["an"], row["af"], row["nhomalt"], row["nhemi"])
        lines.append(Line(label, True, *numbers, low=low, high=high))
    around = [
        f"{chrom}-{max(pos - 5000, 1)}-{pos + 5000}"
        for chrom, pos in dict.fromkeys(
            [(first["chrom"], first["pos"]), (first["chrom2"], first["pos2"])]
        )
    ]
    near = first["chrom"] == first["chrom2"]
    last = first["pos2"] if near else first["pos"]
    genes = released.search.genes.within(first["chrom"], first["pos"] - 1, max(last, first["pos"]))
    return {
        **{name: first[name] for name in ("name", "svtype", "chrom", "pos", "chrom2", "pos2")},
        **{name: first[name] for name in ("length", "alt", "people", "copy_numbers")},
        "whole": first,
        "lines": lines,
        "most": max((line.high for line in lines if line.af is not None), default=0.0),
        "around": around,
        "genes": [gene["gene"] for gene in genes],
    }


def locus(rows: Sequence[Sequence[Row]], text: Words) -> Row:
    """Everything the page of a locus shows; `rows` are of its alleles, each by group.

    `cells`: allele -> group -> row.
    """
    first = rows[0][0]
    groups = list(dict.fromkeys(row["stratum"] for alleles in rows for row in alleles))
    named = [(one[0]["allele"], {row["stratum"]: row for row in one}) for one in rows]
    bars = [(allele, cells["all"]["ac"]) for allele, cells in named if "all" in cells]
    title = text("loci.figure", locus=first["locus"], n=len(rows))
    alleles = []
    for allele, cells in named:
        whole = cells.get("all")
        low, high = (0.0, 0.0)
        if whole and whole["ac"] is not None and whole["an"]:
            low, high = wilson(whole["ac"], whole["an"])
        alleles.append({"allele": allele, "cells": cells, "low": low, "high": high})
    levels = [
        {"allele": allele, "levels": cells["all"]["levels"]}
        for allele, cells in named
        if cells.get("all", {}).get("levels")
    ]
    return {
        **{name: first[name] for name in ("chrom", "pos", "kind", "locus", "gene", "people")},
        "groups": [(group, text.group(group)) for group in groups],
        "alleles": alleles,
        "levels": levels,
        "figure": figures.histogram(bars, title, text(f"loci.axis.{first['kind']}")),
        "around": f"{first['chrom']}-{max(first['pos'] - 500, 1)}-{first['pos'] + 500}",
        "most": max((one["high"] for one in alleles), default=0.0),
    }
