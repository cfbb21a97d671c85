"""The cost of a larger run, from made benchmark files with a known law behind them."""

from pathlib import Path

import polars as pl
import pytest

from shirube.errors import InputError
from shirube.plan import Bytes, Size, asked_for, cost, read_benchmarks, rule_costs

MEASURED = Size(people=2, bases=1e6, depth=30.0)
WEIGH = Bytes(reads=1.0, gvcf=1.0, calls=0.5)
START = 2.0


def job(path: Path, cpu: float, rss: float = 100.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\th:m:s\tmax_rss\tcpu_time\n{cpu}\t0:00:01\t{rss}\t{cpu}\n")


@pytest.fixture
def benchmarks(tmp_path: Path) -> Path:
    """Two jobs a rule at most, so that the start is that of the run's cheapest job."""
    for person in range(2):
        job(tmp_path / f"call_germline/P{person}/chr1.tsv", START + 30.0, rss=900.0)
        job(tmp_path / f"interpret_patient/P{person}.tsv", START + 1.0)
    job(tmp_path / "aggregate_cohort.tsv", START + 4.0)
    job(tmp_path / "import_knowledge/clinvar.tsv", START)
    return tmp_path


def seconds(benchmarks: Path, wanted: Size, cores: int = 1) -> tuple[float, ...]:
    rules = rule_costs(read_benchmarks(benchmarks), MEASURED)
    found = cost(rules, MEASURED, wanted, cores, 8 * 2**30, WEIGH)
    return tuple(h * 3600 for h in found.core_hours)


def test_the_measured_run_costs_what_it_cost(benchmarks: Path) -> None:
    total = 2 * (START + 30) + 2 * (START + 1) + START + 4 + START
    assert seconds(benchmarks, MEASURED) == pytest.approx([total] * 3)


def test_each_part_grows_with_its_own(benchmarks: Path) -> None:
    """Ten times the people, twice the genome, half the depth."""
    wanted = Size(people=20, bases=2e6, depth=15.0)
    total = 20 * (START + 30) + 20 * (START + 2) + (START + 4 * 20) + START
    assert seconds(benchmarks, wanted) == pytest.approx([total] * 3)


def test_interval_holds_the_spread_of_jobs(benchmarks: Path) -> None:
    job(benchmarks / "call_germline/P1/chr1.tsv", START + 90.0)
    low, mean, high = seconds(benchmarks, MEASURED)
    assert low < mean < high


def test_no_number_of_cores_is_faster_than_one_chain(benchmarks: Path) -> None:
    rules = rule_costs(read_benchmarks(benchmarks), MEASURED)
    found = cost(rules, MEASURED, MEASURED, 10**6, 0.0, WEIGH)
    chain = (START + 30) + (START + 1) + START
    assert found.wall_hours * 3600 == pytest.approx(chain)
    assert (found.largest, round(found.memory_gib * 1024)) == ("aggregate_cohort", 3000)


def test_memory_grows_where_a_rule_asks_for_more(benchmarks: Path) -> None:
    """Aggregation asks for 10 kB a person, whatever their genomes weigh."""
    rules = rule_costs(read_benchmarks(benchmarks), MEASURED)
    found = cost(rules, MEASURED, Size(1_000_000, 1e6, 30.0), 100, 0.0, WEIGH)
    assert (found.largest, round(found.memory_gib * 1024)) == ("aggregate_cohort", 13_000)


def test_memory_a_job_took_counts_where_it_is_more(benchmarks: Path) -> None:
    job(benchmarks / "call_germline/P0/chr2.tsv", START, rss=9000.0)
    rules = rule_costs(read_benchmarks(benchmarks), MEASURED)
    found = cost(rules, MEASURED, MEASURED, 1, 0.0, WEIGH)
    assert (found.largest, round(found.memory_gib * 1024)) == ("call_germline", 9000)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("call_structural", 2000 + 0.08 * 1e9 * 30 / 1e6),
        ("measure_coverage", 1000 + 0.4 * 1000),
        ("annotate_alleles", 3000 + 60 * 5**0.5 / 3.1),
        ("interpret_patient", 2000 + 1000 / 2),
        ("call_germline", 0),
    ],
)
def test_memory_asked_for(rule: str, expected: float) -> None:
    assert asked_for(rule, Size(5, 1e9, 30.0), WEIGH) == pytest.approx(expected)


def test_a_job_too_short_to_sample_counts_its_seconds(tmp_path: Path) -> None:
    (tmp_path / "split_germline").mkdir()
    (tmp_path / "split_germline/S.tsv").write_text(
        "s\th:m:s\tmax_rss\tcpu_time\n0.4\t0:00:00\tNA\tNA\n"
    )
    assert read_benchmarks(tmp_path).select("cpu", "rss").row(0) == (0.4, None)


def test_without_benchmarks_there_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="benchmark files"):
        read_benchmarks(tmp_path)


def test_every_rule_is_known_by_its_name() -> None:
    from shirube import plan

    rules = Path(__file__).parents[2] / "workflow/rules"
    text = "".join(path.read_text() for path in rules.glob("*.smk"))
    assert all(f"rule {name}:" in text for name in {*plan.GROWTH, *plan.MEMORY})
    assert pl.Series(list(plan.GROWTH.values())).is_in(["reads", "cohort", "once"]).all()


def test_a_rule_of_many_jobs_has_its_own_start(tmp_path: Path) -> None:
    job(tmp_path / "import_knowledge/clinvar.tsv", 0.5)
    for number, cpu in enumerate((3.0, 3.0, 9.0)):
        job(tmp_path / f"annotate_alleles/chr{number}.tsv", cpu)
    rules = rule_costs(read_benchmarks(tmp_path), MEASURED)
    assert rules.filter(pl.col("rule") == "annotate_alleles")["start"].item() == 3.0
