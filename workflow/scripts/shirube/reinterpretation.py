"""New knowledge over a finished run, without reads: everybody's findings as a full rerun has them.

The run's own tables are read where they lie, what depends on knowledge is written anew beside
them. Each interpretation kept what it was asked and what the reads showed (`<results>/asked`), so
that it can be repeated by the same code. Who can have no other result is not judged again: with a
new ClinVar, people who carry no allele whose assertion changed and none of whose candidates has
other neighbours (PS1, PM5, PM1, splice motif) or a gene of other shares (PP2, BP1) in it. Of them
only the release is written anew.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from shirube.annotate.annotation import Chromosome, with_clinvar
from shirube.contracts import ALLELE, ANNOTATION, FINDINGS, LEDGER, metadata, read, scan, write
from shirube.contracts.knowledge import CLINVAR
from shirube.contracts.phase import CHANGES
from shirube.errors import InputError
from shirube.files import scratch
from shirube.home import RESOURCES
from shirube.interpret.inputs import Knowledge
from shirube.interpret.residue import ClinVar
from shirube.interpret.rows import detail
from shirube.interpretation import PER_RUN, Outputs, World, read_request, read_world, write_patient
from shirube.knowledge.importers import Reference, import_source
from shirube.knowledge.names import INTERPRETED, importable, parts_of, sources
from shirube.knowledge.sources import Source
from shirube.ledger import OUTSIDE_QUESTION
from shirube.reasons import Reason, because, text

TABLES = ("findings", "ledger", "withheld")
MADE = ("knowledge", "annotation", *TABLES, "asked")
# Sources that other stages read too are no matter of judging again.
CHANGEABLE = {*INTERPRETED, "evidence_basis"} - {"gene_models"}
COLUMNS = {
    name: pl.String
    for name in ("patient", "finding", "section", "gene", "name", "old", "new", "why_en", "why_ja")
}


@dataclass(frozen=True)
class Outcome:
    """What became of the people: who was judged again, who was not, and what changed (COLUMNS)."""

    judged: Sequence[str]
    kept: Sequence[str]
    changes: pl.DataFrame


@dataclass(frozen=True)
class Again:
    """A finished run in the working directory, and the folder of what is made anew."""

    results: Path
    out: Path

    def patients(self) -> list[str]:
        """Everybody the run interpreted.

        Raises InputError where the run kept no requests.
        """
        found = sorted(path.stem for path in (self.results / "asked").glob("*.json"))
        if not found:
            told = "requests of an interpretation (*.json): run `shirube run` with this version"
            raise InputError(self.results / "asked", told)
        return found

    def newest(self, path: str) -> str:
        """A file of the run, or what was made in its place."""
        try:
            made = self.out / Path(path).relative_to(self.results)
        except ValueError:
            return path
        return str(made) if made.is_file() else path

    def asked(self, patient: str) -> dict[str, Any]:
        """A patient's request as it was."""
        return read_request(self.results / "asked" / f"{patient}.json")

    def outputs(self, patient: str) -> Outputs:
        """Where a patient's tables go."""
        places = {name: str(self.out / name / f"{patient}.parquet") for name in TABLES}
        return Outputs(**places, asked=str(self.out / "asked" / f"{patient}.json"))


def reinterpret(
    before: Mapping[str, Any], after: Mapping[str, Any], again: Again, cores: int = 1
) -> Outcome:
    """Interpret a run again whose configuration was `before`, with the sources of `after`.

    Raises InputError where the two differ in more than knowledge that only judging reads.
    """
    tables = changed_tables(before, after)
    for name in MADE:
        (again.out / name).mkdir(parents=True, exist_ok=True)
    patients = again.patients()
    first = again.asked(patients[0])
    _import(tables, after, again)
    moved = _annotate(first, after, again) if "clinvar" in tables else None
    order = [name for name in INTERPRETED if name in importable(sources(after))]
    knowledge = [str(again.results / "knowledge" / f"{name}.parquet") for name in order]
    shared: dict[str, Any] = {name: first[name] for name in PER_RUN} | {"knowledge": knowledge}
    reading = shared | {"knowledge": [again.newest(path) for path in knowledge]}
    touched = set(patients)
    if set(tables) == {"clinvar"} and moved is not None and "clinvar" in _stems(first["knowledge"]):
        touched = _touched(patients, moved, read_world(**reading), first, again)
    judged = [name for name in patients if name in touched]
    kept = [name for name in patients if name not in touched]
    old, new = (_release(again, path) for path in (again.results, again.out))
    for name in kept:
        _keep(name, again, old, new)
    _judge(judged, again, reading, shared, cores)
    told = _assertions(moved, again) if moved is not None else {}
    rows = [row for name in patients for row in changes_of(name, again, (old, new), told)]
    table = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    return Outcome(judged, kept, table)


def changed_tables(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Tables whose sources differ between two configurations."""
    other = [k for k in {**before, **after} if k != "knowledge" and before.get(k) != after.get(k)]
    if other:
        raise InputError("config", "the run's own settings but for knowledge", f"key {other[0]}")
    known = [sources(config) for config in (before, after)]
    names = dict.fromkeys([*importable(known[0]), *importable(known[1])])
    out = []
    for name in names:
        made = [parts_of(name, one) if name in importable(one) else None for one in known]
        if made[0] == made[1]:
            continue
        if name not in CHANGEABLE or made[1] is None:
            told = "a source that judging alone reads; `shirube run` makes the rest anew"
            raise InputError("config", told, f"knowledge table {name}")
        out.append(name)
    return out


def _import(tables: Sequence[str], config: Mapping[str, Any], again: Again) -> None:
    place = config["reference"]
    reference = Reference(place["fasta"], place["build"], place.get("aliases"))
    for name in tables:
        parts = {k: Source(name=k, **v) for k, v in parts_of(name, sources(config)).items()}
        output = again.out / "knowledge" / f"{name}.parquet"
        import_source(name, parts, reference, RESOURCES, output)


def _annotate(request: Mapping[str, Any], config: Mapping[str, Any], again: Again) -> pl.DataFrame:
    """Write the annotation with the new ClinVar; return the alleles (ALLELE) of other assertions.

    A batch of alleles at a time, as the annotation was written.
    """
    clinvar = str(again.out / "knowledge" / "clinvar.parquet")
    place = config["reference"]
    batch = config.get("annotation", {}).get("batch", 500_000)
    moved = [ANNOTATION.empty().select(ALLELE)]
    for chrom, path in request["annotation"].items():
        where = Chromosome.of(
            chrom, place["fasta"], place["build"], {"clinvar": clinvar}, place.get("aliases")
        )
        output = again.out / "annotation" / Path(path).name
        about = metadata(path) | {"knowledge.clinvar": metadata(clinvar)["release"]}
        scanned = scan(ANNOTATION, path)
        alleles = scanned.select(ALLELE).unique(maintain_order=True).collect()
        with scratch(output) as directory:
            parts: list[Path] = []
            for start in range(0, max(alleles.height, 1), batch):
                some = alleles.slice(start, batch)
                rows = scanned
                if some.height:
                    low, high = some["pos"][0], some["pos"][-1]
                    rows = rows.filter(pl.col("pos").is_between(low, high))
                old = rows.collect().join(some, on=ALLELE, how="semi", maintain_order="left")
                new = with_clinvar(old, where)
                moved.append(_different(old, new))
                parts.append(directory / f"{len(parts):06d}.parquet")
                new.write_parquet(parts[-1])
            pl.scan_parquet(parts, glob=False).sink_parquet(
                output,
                compression="zstd",
                row_group_size=131_072,
                maintain_order=True,
                metadata=dict(sorted(about.items())),
            )
    return pl.concat(moved).unique()


def _different(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    facts = [name for name in old.columns if name not in ALLELE]
    other = pl.any_horizontal(
        old[name].ne_missing(new[name]) for name in facts if old[name].dtype != pl.List
    )
    return old.filter(pl.select(other).to_series()).select(ALLELE)


def _stems(paths: Sequence[str]) -> set[str]:
    return {Path(path).stem for path in paths}


def _release(again: Again, folder: Path) -> str | None:
    path = folder / "knowledge" / "clinvar.parquet"
    path = path if path.is_file() else again.results / "knowledge" / "clinvar.parquet"
    return metadata(path).get("release") if path.is_file() else None


def _touched(
    patients: Sequence[str],
    moved: pl.DataFrame,
    world: World,
    request: Mapping[str, Any],
    again: Again,
) -> set[str]:
    """People whose findings may be otherwise with the new ClinVar."""
    carried, judged = _alleles(patients, again, moved)
    touched = set(carried["patient"])
    left = judged.filter(~pl.col("patient").is_in(list(touched)))
    old = str(again.results / "knowledge" / "clinvar.parquet")
    fasta, aliases = request["fasta"], request["aliases"]
    known = [
        _with(world.knowledge, ClinVar(path, fasta, aliases))
        for path in (old, str(again.out / "knowledge" / "clinvar.parquet"))
    ]
    rows = _described(left.select(ALLELE).unique(), request["annotation"])
    near = _near(rows, known)
    return touched | set(left.join(near, on=ALLELE, how="semi")["patient"])


def _with(knowledge: Knowledge, clinvar: ClinVar) -> Knowledge:
    return Knowledge(
        knowledge.curated,
        gene_models=knowledge.gene_models,
        clinvar=clinvar,
        rules=knowledge.rules,
    )


def _alleles(
    patients: Sequence[str], again: Again, moved: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(patient, ALLELE): those carried among `moved`, and those that were judged.

    Judged are records that no rule filtered, and what several alleles are together. A record
    outside the question was left out before anything was asked of the allele.
    """
    carried, judged = [], []
    for name in patients:
        fates = scan(LEDGER, again.results / "ledger" / f"{name}.parquet")
        asked = fates.filter(pl.col("rule") != OUTSIDE_QUESTION)
        who = pl.lit(name).alias("patient")
        together = scan(CHANGES, again.results / "changes" / f"{name}.parquet").select(ALLELE)
        carried.append(
            pl.concat([asked.select(ALLELE), together])
            .join(moved.lazy(), on=ALLELE, how="semi")
            .select(who, *ALLELE)
        )
        shown = asked.filter(pl.col("fate") != "filtered", pl.col("pos").is_not_null())
        judged.append(pl.concat([shown.select(ALLELE), together]).select(who, *ALLELE))
    both = [pl.collect_all(some) for some in (carried, judged)]
    return pl.concat(both[0]), pl.concat(both[1])


def _described(alleles: pl.DataFrame, annotation: Mapping[str, str]) -> pl.DataFrame:
    """Each allele on each transcript: ALLELE, transcript, gene, consequence, protein_pos."""
    wanted = [*ALLELE, "transcript", "gene", "consequence", "protein_pos"]
    parts = [ANNOTATION.empty().select(wanted)]
    for chrom in alleles["chrom"].cast(pl.String).unique().sort():
        if chrom in annotation:
            mine = alleles.filter(pl.col("chrom").cast(pl.String) == chrom)
            parts.append(
                scan(ANNOTATION, annotation[chrom])
                .join(mine.lazy(), on=ALLELE, how="semi")
                .select(wanted)
                .collect()
            )
    return pl.concat(parts)


def _near(rows: pl.DataFrame, known: Sequence[Knowledge]) -> pl.DataFrame:
    """Alleles (ALLELE) of which two ClinVars know other neighbours, or other shares of the gene.

    Neighbours are looked up by allele: the transcripts of one are asked one after another.
    """
    turn = pl.int_range(pl.len()).over(ALLELE)
    found: set[tuple[Any, ...]] = set()
    for _, some in rows.with_columns(turn=turn).sort("turn", *ALLELE).group_by("turn"):
        given = some.drop("turn").rows(named=True)
        sides = [one.neighbours(given) for one in known]
        models = known[0].models(row["transcript"] for row in given)
        cancer = [one.clinvar.oncogenic(given, models) for one in known if one.clinvar]
        for row in given:
            key = (str(row["chrom"]), row["pos"], row["ref"], row["alt"])
            told = [_said(side.of(row), known[0]) if side else None for side in sides]
            if told[0] != told[1] or cancer[0].get(key) != cancer[1].get(key):
                found.add(key)
    schema = {name: ANNOTATION.polars[name] for name in ALLELE}
    return pl.DataFrame(sorted(found), schema=schema, orient="row")


def _said(facts: Mapping[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """Facts as a finding states them: a share is rounded, and passes its threshold or not."""
    out = dict(facts)
    for name, rule in (("missense_share", "PP2.share"), ("truncating_share", "BP1.share")):
        share = facts[name]
        passes = [rules[rule].holds(share) for rules in _rules(knowledge)]
        out[name] = None if share is None else (f"{share:.0%}", *passes)
    return out


def _rules(knowledge: Knowledge) -> Iterator[Any]:
    yield knowledge.rules
    for gene in sorted({row.gene or "" for row in knowledge.rules.own}):
        yield knowledge.rules.for_gene(gene)


def _keep(patient: str, again: Again, old: str | None, new: str | None) -> None:
    """Take a patient's tables over; findings name the new release."""
    outputs = again.outputs(patient)
    source = again.results / "findings" / f"{patient}.parquet"
    table = read(FINDINGS, source)
    said = [_renamed(text_, old, new) for text_ in table["detail"]]
    if said == table["detail"].to_list():
        _linked(source, outputs.findings)
    else:
        write(table.with_columns(detail=pl.Series(said, dtype=pl.String)), FINDINGS,
              outputs.findings)  # fmt: skip
    for name, output in (("ledger", outputs.ledger), ("withheld", outputs.withheld)):
        _linked(again.results / name / f"{patient}.parquet", output)
    _linked(again.results / "asked" / f"{patient}.json", outputs.asked)


def _renamed(kept: str | None, old: str | None, new: str | None) -> str | None:
    found = json.loads(kept) if kept and '"clinvar_release"' in kept else {}
    if found.get("clinvar_release") != old:
        return kept
    return detail(found | {"clinvar_release": new})


def _linked(source: str | Path, output: str | Path) -> None:
    """One file under two names, where the file system allows it: nothing is written twice."""
    Path(output).unlink(missing_ok=True)
    try:
        os.link(source, output)
    except OSError:
        shutil.copyfile(source, output)


_WORLD: list[World] = []


def _enter(reading: Mapping[str, Any]) -> None:
    _WORLD[:] = [read_world(**reading)]


def _judge_one(patient: str, again: Again, shared: Mapping[str, Any]) -> None:
    """Judge a patient again, and keep the request as the run itself would have it."""
    asked = {**again.asked(patient), **shared}
    place = {chrom: again.newest(path) for chrom, path in asked["annotation"].items()}
    outputs = again.outputs(patient)
    try:
        write_patient({**asked, "annotation": place}, _WORLD[0], outputs)
    except InputError as error:
        raise InputError(again.results, f"what judging {patient} again needs ({error})") from error
    except KeyError as error:  # a table that another version of the workflow did not read
        told = f"requests that this version wrote: `shirube run` first ({error} is not in them)"
        raise InputError(again.results / "asked", told, patient) from error
    made = json.loads(Path(outputs.asked).read_text(encoding="utf-8"))
    made["annotation"] = asked["annotation"]
    said = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    Path(outputs.asked).write_text(said, encoding="utf-8")


def _judge(
    patients: Sequence[str],
    again: Again,
    reading: Mapping[str, Any],
    shared: Mapping[str, Any],
    cores: int,
) -> None:
    if cores == 1 or len(patients) < 2:
        _enter(reading)
        for name in patients:
            _judge_one(name, again, shared)
        return
    workers = ProcessPoolExecutor(
        min(cores, len(patients)), get_context("spawn"), _enter, (reading,)
    )
    with workers as pool:
        for done in [pool.submit(_judge_one, name, again, shared) for name in patients]:
            done.result()


def _assertions(moved: pl.DataFrame, again: Again) -> dict[tuple[Any, ...], tuple[str, str]]:
    """Allele (ALLELE) -> what the old and the new ClinVar assert of it."""
    sides = []
    for folder in (again.results, again.out):
        known = scan(CLINVAR, folder / "knowledge" / "clinvar.parquet")
        facts = [*ALLELE, "significance", "stars"]
        rows = known.join(moved.lazy(), on=ALLELE, how="semi").select(facts).collect().rows()
        sides.append({row[:4]: _stated(row[4], row[5]) for row in rows})
    return {key: (sides[0].get(key, "–"), sides[1].get(key, "–")) for key in moved.rows()}


def changes_of(
    patient: str,
    again: Again,
    releases: tuple[str | None, str | None],
    told: Mapping[tuple[Any, ...], tuple[str, str]],
) -> Iterator[dict[str, str | None]]:
    """Findings of a patient that came, went or say something else (rows of COLUMNS)."""
    outputs = again.outputs(patient)
    places = (again.results / "findings" / f"{patient}.parquet", Path(outputs.findings))
    if places[0].samefile(places[1]):
        return
    sides = [read(FINDINGS, path).rows_by_key("finding", named=True, unique=True)
             for path in places]  # fmt: skip
    for finding in sorted({*sides[0], *sides[1]}):
        was, now = (side.get(finding) for side in sides)
        words = [words_of(one) for one in (was, now)]
        one = now or was or {}
        asserted = told.get(tuple(one[name] for name in ALLELE))
        why = [*_asserted(asserted, releases), *_grounds(was, now)]
        if words[0] == words[1] and not why:
            continue
        reason = why[0].and_(*why[1:]) if why else because("again.order")
        yield {
            "patient": patient, "finding": finding, "section": one["section"],
            "gene": one["gene"], "name": one["name"], "old": words[0], "new": words[1],
            "why_en": str(reason), "why_ja": text(reason.parts, "ja"),
        }  # fmt: skip


def words_of(finding: Mapping[str, Any] | None) -> str | None:
    """What a finding says, in one line; None where it is not reported."""
    if finding is None:
        return None
    clinvar = _stated(finding["clinvar_significance"], finding["clinvar_stars"])
    said = (
        f"ClinVar {clinvar}", finding["classification"], finding["oncogenicity"],
        finding["amp_tier"], finding["japan_level"] and f"level {finding['japan_level']}",
    )  # fmt: skip
    return f"{finding['section']}: {'; '.join(word for word in said if word)}"


def _stated(significance: str | None, stars: int | None) -> str:
    return f"{significance} ({stars or 0}★)" if significance else "–"


def _asserted(
    told: tuple[str, str] | None, releases: tuple[str | None, str | None]
) -> Iterator[Reason]:
    if told is not None and told[0] != told[1]:
        before, after = (one or "–" for one in releases)
        yield because("again.clinvar", old=told[0], new=told[1], before=before, after=after)


def _grounds(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[Reason]:
    """Criteria and evidence that are otherwise in a finding that both sides have."""
    if was is None or now is None:
        return
    found = [{c["code"]: c for c in one["criteria"] or ()} for one in (was, now)]
    for code in sorted({*found[0], *found[1]}):
        sides = [one.get(code, {}) for one in found]
        points = [one.get("points", 0) for one in sides]
        other = points[0] != points[1] or sides[0].get("met") is not sides[1].get("met")
        if other and code != "ClinVar":  # an assertion is no criterion; it is told of above
            yield because("again.criterion", code=code, old=points[0], new=points[1])
    listed = [sorted(str(sorted(e.items())) for e in one["evidence"] or ()) for one in (was, now)]
    if listed[0] != listed[1]:
        yield because("again.evidence")


def read_config(path: str | Path) -> dict[str, Any]:
    """A configuration as it is written.

    Raises InputError for one that cannot be read.
    """
    try:
        found = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InputError(path, f"a configuration to read ({error})") from error
    if not isinstance(found, dict):
        raise InputError(path, "keys with values")
    return found
