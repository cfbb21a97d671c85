"""The methods section of a paper, from what a run used: sentences with versions and thresholds.

Nothing in it is assumed: a step that the run did not take has no sentence.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("en", "ja")

# Sentences by step, then language. Braces name values of `facts`.
SENTENCES: dict[str, dict[str, str]] = {
    "reads": {
        "en": "Sequencing data of {people} people ({normals} normal and {tumours} tumour samples) "
        "were analysed against {build} with Shirube {shirube} (Snakemake {snakemake}; {regions}).",
        "ja": "{people}人の検体(正常{normals}、腫瘍{tumours})を{build}に対し、Shirube {shirube}"
        "(Snakemake {snakemake})で解析した({regions})。",
    },
    "bcftools": {
        "en": "Germline SNVs and indels were called with bcftools {bcftools} (mpileup and call; "
        "mapping quality >= {min_mapq}, base quality >= {min_baseq}); windows around indels were "
        "judged again by the likelihood of the haplotypes that their reads spell.",
        "ja": "生殖細胞系列のSNVと挿入・欠失は bcftools {bcftools}(mpileup、call。マッピング品質"
        "{min_mapq}以上、塩基品質{min_baseq}以上)で検出し、挿入・欠失の周囲はリードが示すハプロタイプの"
        "尤度で判定し直した。",
    },
    "gatk": {
        "en": "Germline SNVs and indels were called with GATK HaplotypeCaller (-ERC GVCF).",
        "ja": "生殖細胞系列のSNVと挿入・欠失は GATK HaplotypeCaller(-ERC GVCF)で検出した。",
    },
    "freebayes": {
        "en": "Germline SNVs and indels were called with freebayes.",
        "ja": "生殖細胞系列のSNVと挿入・欠失は freebayes で検出した。",
    },
    "deepvariant": {
        "en": "Germline SNVs and indels were called with DeepVariant.",
        "ja": "生殖細胞系列のSNVと挿入・欠失は DeepVariant で検出した。",
    },
    "somatic_embedded": {
        "en": "Somatic SNVs and indels were called with Shirube's likelihood model (log10 odds of "
        "the allele in the tumour >= {min_lod}, of its absence from the normal >= "
        "{min_normal_lod}; at least {min_alt_reads} fragments).",
        "ja": "体細胞のSNVと挿入・欠失は Shirube の尤度モデルで検出した(腫瘍でのアレルの対数オッズ"
        "{min_lod}以上、正常での不在の対数オッズ{min_normal_lod}以上、{min_alt_reads}断片以上)。",
    },
    "somatic_gatk": {
        "en": "Somatic SNVs and indels were called with GATK Mutect2 and FilterMutectCalls, with "
        "its read-orientation model; contamination, where estimated, entered the filters only from "
        "100 common variants with reads and with a 95% interval above zero.",
        "ja": "体細胞のSNVと挿入・欠失は GATK Mutect2 と FilterMutectCalls(リード方向モデルを使用)"
        "で検出した。混入率は、推定した場合でも、リードのある頻度既知の多型が100か所以上あり、"
        "95%信頼区間が0を上回るときに限りフィルターに用いた。",
    },
    "structural": {
        "en": "Structural variants were called by {structural} from split reads and "
        "discordant pairs.",
        "ja": "構造異常は、分割リードと不一致ペアから{structural}で検出した。",
    },
    "given": {
        "en": "Called elsewhere, and read from files: {given}.",
        "ja": "他で検出され、ファイルから読み取ったもの:{given}。",
    },
    "annotation": {
        "en": "Consequences and HGVS names were assigned by {consequence}. Knowledge: {knowledge}.",
        "ja": "影響とHGVS表記は{consequence}で付けた。知識ベース:{knowledge}。",
    },
    "cohort": {
        "en": "Allele frequencies were counted over callable, consenting and unrelated people "
        "(GQ >= {min_gq}, DP >= {min_dp}, haploid DP >= {min_dp_haploid}, allele balance >= "
        "{min_ab}); groups of fewer than {min_people} people were not released.",
        "ja": "アレル頻度は、同意があり互いに血縁のない人のうち、その位置を判定できた人について"
        "数えた(GQ {min_gq}以上、DP {min_dp}以上、1コピー領域ではDP {min_dp_haploid}以上、アレル比"
        "{min_ab}以上)。{min_people}人未満の群は公開しなかった。",
    },
}
_OWN = {"en": "Shirube's own engine", "ja": "Shirube 自身のエンジン"}
_WHOLE = {"en": "whole genome", "ja": "全ゲノム"}
_GIVEN = {
    "germline": {"en": "germline SNVs and indels", "ja": "生殖細胞系列のSNVと挿入・欠失"},
    "somatic": {"en": "somatic SNVs and indels", "ja": "体細胞のSNVと挿入・欠失"},
    "structural": {"en": "structural variants", "ja": "構造異常"},
    "copy_number": {"en": "copy numbers", "ja": "コピー数"},
}
_OF = {"en": "{what} of {number} sample(s), by {program}", "ja": "{what}({number}検体、{program})"}
_LIMITED = {"en": "limited to the regions of {bed}", "ja": "{bed}の領域に限る"}


@dataclass(frozen=True)
class Run:
    """What a run was: configuration with its defaults, counts of the sheets, a report's methods.

    `called`: of germline, somatic and structural variants those that any reads were searched for;
    `given`: (germline, somatic, structural or copy_number; program) -> samples with such a file.
    """

    settings: Mapping[str, Any]
    people: int
    normals: int
    tumours: int
    methods: Mapping[str, Any]
    called: Collection[str] = ("germline", "somatic", "structural")
    given: Mapping[tuple[str, str], int] = field(default_factory=dict)


def _knowledge(rows: Sequence[Mapping[str, Any]]) -> str:
    releases = []
    for row in rows:
        for source, release in zip(
            str(row["source"]).split(" | "), str(row["release"]).split(" | "), strict=True
        ):
            releases.append(f"{source} ({release})")
    return ", ".join(dict.fromkeys(releases))


def _given(files: Mapping[tuple[str, str], int], language: str) -> str:
    names = [
        _OF[language].format(what=_GIVEN[kind][language], number=number, program=program)
        for (kind, program), number in sorted(
            files.items(), key=lambda f: list(_GIVEN).index(f[0][0])
        )
    ]
    return {"en": "; ", "ja": "、"}[language].join(names)


def steps(run: Run) -> list[str]:
    """Names of the sentences that are true of a run, in its order."""
    engines = run.settings["engines"]
    found = ["reads"]
    if run.normals and "germline" in run.called:
        found.append(engines["germline"])
    if run.tumours and "somatic" in run.called:
        found.append(f"somatic_{engines['somatic']}")
    if "structural" in run.called:
        found.append("structural")
    if run.given:
        found.append("given")
    if run.methods["knowledge"]:
        found.append("annotation")
    if run.normals:
        found.append("cohort")
    return found


def methods_text(run: Run, language: str) -> str:
    """One paragraph in `language` (en, ja)."""
    settings = run.settings
    bed = settings.get("regions")
    facts = {
        **{"people": run.people, "normals": run.normals, "tumours": run.tumours},
        "build": settings["reference"]["build"],
        "regions": _LIMITED[language].format(bed=bed) if bed else _WHOLE[language],
        **{k: _OWN[language] if v == "embedded" else v for k, v in settings["engines"].items()},
        **settings["calling"],
        **settings["somatic"],
        **settings["cohort"]["adj"],
        **settings["cohort"]["release"],
        "knowledge": _knowledge(run.methods["knowledge"]),
        "given": _given(run.given, language),
    }
    # An engine has the name of its program, whose version stands under that name.
    facts |= {tool["name"]: tool["version"] for tool in run.methods["tools"]}
    joint = " " if language == "en" else ""
    return joint.join(SENTENCES[step][language].format(**facts) for step in steps(run))
