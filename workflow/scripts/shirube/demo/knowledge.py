"""Artificial knowledge bases: ClinVar, CIViC, a population catalogue, OncoTree, STRchive.

Classifications follow what is common knowledge of the named variants; identifiers, coordinates,
frequencies and wording are made up for the demonstration and say so.
"""

import json

from shirube.demo.genome import CONTIGS, LABEL, Genome
from shirube.demo.people import Cohort
from shirube.demo.variants import Variant

SOURCE = "shirube-demo-artificial"

_EXPERT = "reviewed_by_expert_panel"
_MULTIPLE = "criteria_provided,_multiple_submitters,_no_conflicts"
_SINGLE = "criteria_provided,_single_submitter"
CLINVAR = (
    ("BRCA1 p.Leu63Ter", "Pathogenic", _EXPERT,
     "Breast-ovarian_cancer,_familial,_susceptibility_to,_1", "SO:0001587|nonsense"),
    ("BRCA2 p.Arg300Ter", "Pathogenic", _EXPERT,
     "Breast-ovarian_cancer,_familial,_susceptibility_to,_2", "SO:0001587|nonsense"),
    ("TP53 p.Arg175His", "Pathogenic", _EXPERT, "Li-Fraumeni_syndrome",
     "SO:0001583|missense_variant"),
    ("TP53 p.Arg273His", "Pathogenic", _EXPERT, "Li-Fraumeni_syndrome",
     "SO:0001583|missense_variant"),
    ("TP53 p.Arg72Pro", "Benign", _EXPERT, "Li-Fraumeni_syndrome", "SO:0001583|missense_variant"),
    ("EGFR p.Leu858Arg", "drug_response", _EXPERT, "EGFR-related_lung_cancer",
     "SO:0001583|missense_variant"),
    ("PTPN11 p.Asn308Asp", "Pathogenic", _EXPERT, "Noonan_syndrome_1",
     "SO:0001583|missense_variant"),
    ("PTPN11 p.Ala150=", "Benign", _MULTIPLE, "RASopathy", "SO:0001819|synonymous_variant"),
    ("OTC p.Arg40His", "Pathogenic", _MULTIPLE, "Ornithine_carbamoyltransferase_deficiency",
     "SO:0001583|missense_variant"),
    ("SHOX p.Arg195Ter", "Pathogenic", _SINGLE, "Leri-Weill_dyschondrosteosis",
     "SO:0001587|nonsense"),
    ("GJB2 c.235del", "Pathogenic", _EXPERT, "Autosomal_recessive_nonsyndromic_hearing_loss_1A",
     "SO:0001589|frameshift_variant"),
    ("GJB2 p.Val37Ile", "Pathogenic", _EXPERT, "Autosomal_recessive_nonsyndromic_hearing_loss_1A",
     "SO:0001583|missense_variant"),
    ("BRAF p.Val600Glu", "Pathogenic", _EXPERT, "Melanoma", "SO:0001583|missense_variant"),
    ("EGFR p.Thr790Met", "drug_response", _EXPERT, "EGFR-related_lung_cancer",
     "SO:0001583|missense_variant"),
    ("UGT1A1 c.211G>A", "drug_response", _EXPERT, "irinotecan_response_-_Toxicity",
     "SO:0001583|missense_variant"),
    ("CYP2C19 c.636G>A", "drug_response", _EXPERT, "clopidogrel_response_-_Efficacy",
     "SO:0001587|nonsense"),
    ("NUDT15 c.415C>T", "drug_response", _EXPERT, "thiopurine_response_-_Toxicity",
     "SO:0001583|missense_variant"),
)  # fmt: skip
_ONCOGENIC = ("EGFR p.Leu858Arg", "BRAF p.Val600Glu", "TP53 p.Arg175His", "TP53 p.Arg273His")

_CLINVAR_HEADER = f"""##fileformat=VCFv4.1
##source={SOURCE}-ClinVar-format
##reference=artificial
##comment={LABEL}
##INFO=<ID=ALLELEID,Number=1,Type=Integer,Description="Allele ID (artificial)">
##INFO=<ID=CLNDN,Number=.,Type=String,Description="Name of the condition">
##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="Review status of the germline class">
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="Germline class of this single variant">
##INFO=<ID=CLNVC,Number=1,Type=String,Description="Variant type">
##INFO=<ID=GENEINFO,Number=1,Type=String,Description="Gene as symbol:gene id">
##INFO=<ID=MC,Number=.,Type=String,Description="Molecular consequence as SO id|term">
##INFO=<ID=ONC,Number=.,Type=String,Description="Oncogenicity class of this single variant">
##INFO=<ID=ONCREVSTAT,Number=.,Type=String,Description="Review status of the oncogenicity class">
##INFO=<ID=ORIGIN,Number=.,Type=String,Description="Allele origin, 1 germline, 2 somatic">
##INFO=<ID=RS,Number=.,Type=String,Description="dbSNP ID (artificial)">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""


def _order(variant: Variant) -> tuple[int, Variant]:
    return CONTIGS.index(variant.contig), variant


def _kind(variant: Variant) -> str:
    if len(variant.ref) == len(variant.alt):
        return "single_nucleotide_variant" if len(variant.ref) == 1 else "Indel"
    return "Deletion" if len(variant.ref) > len(variant.alt) else "Insertion"


def clinvar(cohort: Cohort) -> str:
    """ClinVar-format VCF: contigs without `chr`, the INFO keys Shirube reads."""
    rows = []
    for index, (name, significance, review, condition, term) in enumerate(CLINVAR):
        variant, gene = cohort.named[name], cohort.genome.genes[name.split()[0]]
        info = {
            "ALLELEID": 9_800_001 + index,
            "CLNDN": condition,
            "CLNREVSTAT": review,
            "CLNSIG": significance,
            "CLNVC": _kind(variant),
            "GENEINFO": f"{gene.symbol}:9900{gene.number:03d}",
            "MC": term,
        }
        if name in _ONCOGENIC:
            info |= {"ONC": "Oncogenic", "ONCREVSTAT": _SINGLE}
        info |= {"ORIGIN": 1, "RS": 990_000_001 + index}
        rows.append((variant, 9_700_001 + index, ";".join(f"{k}={v}" for k, v in info.items())))
    lines = [
        f"{v.contig[3:]}\t{v.pos + 1}\t{number}\t{v.ref}\t{v.alt}\t.\t.\t{info}\n"
        for v, number, info in sorted(rows, key=lambda row: _order(row[0]))
    ]
    return _CLINVAR_HEADER + "".join(lines)


def population(cohort: Cohort) -> str:
    """Sites VCF with the frequencies the demo's haplotypes are drawn from.

    AF_eas and AF_jpn are the same figure, AF is lower: no population is modelled.
    """
    contigs = cohort.genome.sequences
    head = ["##fileformat=VCFv4.2", f"##source={SOURCE}-population", "##reference=artificial"]
    head += [f"##comment={LABEL}"]
    head += [f"##contig=<ID={name},length={len(bases)}>" for name, bases in contigs.items()]
    head += ['##FILTER=<ID=PASS,Description="All filters passed">']
    for key, number, kind, text in (
        ("AC", "A", "Integer", "Allele count (artificial)"),
        ("AN", "1", "Integer", "Allele number (artificial)"),
        ("AF", "A", "Float", "Allele frequency, everybody (artificial)"),
        ("AN_eas", "1", "Integer", "Allele number, East Asian (artificial)"),
        ("AN_jpn", "1", "Integer", "Allele number, Japanese (artificial)"),
        ("AF_eas", "A", "Float", "Allele frequency, East Asian (artificial)"),
        ("AF_jpn", "A", "Float", "Allele frequency, Japanese (artificial)"),
        ("nhomalt", "A", "Integer", "Homozygotes (artificial)"),
    ):
        head.append(f'##INFO=<ID={key},Number={number},Type={kind},Description="{text}">')
    frequency: dict[Variant, float] = {a.variant: a.frequency for a in cohort.alleles}
    for block in cohort.blocks:
        for share, variants in block:
            for variant in variants:
                frequency[variant] = round(frequency.get(variant, 0.0) + share, 6)
    lines, copies = [], 20_000
    for variant in sorted(frequency, key=_order):
        here = frequency[variant]
        everybody = round(0.6 * here, 6)
        info = f"AC={round(everybody * copies)};AN={copies};AF={everybody}"
        info += f";AN_eas={copies // 2};AN_jpn={copies // 4}"
        info += f";AF_eas={here};AF_jpn={here};nhomalt={round(everybody**2 * copies / 2)}"
        lines.append(
            f"{variant.contig}\t{variant.pos + 1}\t.\t{variant.ref}\t{variant.alt}\t.\tPASS\t{info}"
        )
    head.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    return "\n".join([*head, *lines]) + "\n"


_EVIDENCE_COLUMNS = [
    "molecular_profile",
    "molecular_profile_id",
    "disease",
    "doid",
    "phenotypes",
    "therapies",
    "therapy_interaction_type",
    "evidence_type",
    "evidence_direction",
    "evidence_level",
    "significance",
    "evidence_statement",
    "citation_id",
    "source_type",
    "asco_abstract_id",
    "citation",
    "nct_ids",
    "rating",
    "evidence_status",
    "evidence_id",
    "variant_origin",
    "last_review_date",
    "evidence_civic_url",
    "molecular_profile_civic_url",
    "is_flagged",
]
_VARIANT_COLUMNS = [
    "variant_id",
    "gene",
    "variant",
    "blurb",
    "chromosome",
    "start",
    "stop",
    "variant_types",
    "hgvs_descriptions",
    "single_variant_molecular_profile_id",
    "levels",
    "types",
    "sigs",
    "drugs",
    "dirs",
]
_VARIANTS = (
    ("EGFR", "L858R", "missense_variant", "p.Leu858Arg"),
    ("EGFR", "T790M", "missense_variant", "p.Thr790Met"),
    ("EML4::ALK", "Fusion", "transcript_fusion", ""),
    ("KRAS", "G12C", "missense_variant", "p.Gly12Cys"),
    ("BRAF", "V600E", "missense_variant", "p.Val600Glu"),
    ("ERBB2", "Amplification", "transcript_amplification", ""),
    ("EGFR", "Exon 19 Deletion", "inframe_deletion", ""),
    ("BRCA1", "Loss-of-function", "loss_of_function_variant", ""),
    ("TP53", "R175H", "missense_variant", "p.Arg175His"),
)
_NSCLC, _BREAST = ("Lung Non-small Cell Carcinoma", "3908"), ("Breast Cancer", "1612")
_EVIDENCE = (
    ("EGFR L858R", _NSCLC, "Osimertinib", "Predictive", "A", "Sensitivity/Response", "Somatic",
     "lung tumours with EGFR L858R respond to the inhibitor named here"),
    ("EGFR L858R", _NSCLC, "Gefitinib", "Predictive", "A", "Sensitivity/Response", "Somatic",
     "lung tumours with EGFR L858R respond to the inhibitor named here"),
    ("EGFR Exon 19 Deletion", _NSCLC, "Osimertinib", "Predictive", "A", "Sensitivity/Response",
     "Somatic", "lung tumours with a deletion in EGFR exon 19 respond to the inhibitor named here"),
    ("EGFR T790M", _NSCLC, "Gefitinib", "Predictive", "A", "Resistance", "Somatic",
     "EGFR T790M lets lung tumours escape the inhibitor named here"),
    ("EML4::ALK Fusion", _NSCLC, "Alectinib", "Predictive", "A", "Sensitivity/Response",
     "Somatic", "lung tumours with an EML4::ALK fusion respond to the inhibitor named here"),
    ("BRAF V600E", ("Colorectal Cancer", "9256"), "Encorafenib,Cetuximab", "Predictive", "A",
     "Sensitivity/Response", "Somatic",
     "bowel tumours with BRAF V600E respond to this combination"),
    ("KRAS G12C", _NSCLC, "Sotorasib", "Predictive", "A", "Sensitivity/Response", "Somatic",
     "lung tumours with KRAS G12C respond to the inhibitor named here"),
    ("BRAF V600E", ("Melanoma", "1909"), "Dabrafenib,Trametinib", "Predictive", "A",
     "Sensitivity/Response", "Somatic", "melanomas with BRAF V600E respond to this combination"),
    ("ERBB2 Amplification", _BREAST, "Trastuzumab", "Predictive", "A", "Sensitivity/Response",
     "Somatic", "breast tumours with ERBB2 amplification respond to the antibody named here"),
    ("BRCA1 Loss-of-function", _BREAST, "Olaparib", "Predictive", "A", "Sensitivity/Response",
     "Rare Germline", "breast tumours without BRCA1 respond to the inhibitor named here"),
    ("TP53 R175H", _BREAST, "", "Prognostic", "B", "Poor Outcome", "Somatic",
     "breast tumours with TP53 R175H do worse"),
    ("EGFR L858R", _NSCLC, "Erlotinib,Ramucirumab", "Predictive", "B", "Sensitivity/Response",
     "Somatic", "a trial found this combination to work in lung tumours with EGFR L858R"),
)  # fmt: skip
_ASSERTION_COLUMNS = [
    *("molecular_profile", "molecular_profile_id", "disease", "doid", "phenotypes", "therapies"),
    *("assertion_type", "assertion_direction", "significance", "acmg_codes", "amp_category"),
    *("nccn_guideline", "nccn_guideline_version", "regulatory_approval", "fda_companion_test"),
    *("assertion_summary", "assertion_id", "evidence_item_ids", "assertion_civic_url"),
]
# Index into _EVIDENCE, whether approved, guideline: what the demonstration says, no fact.
_ASSERTIONS = ((0, "true", "Demonstration guideline"), (1, "", "Demonstration guideline"),
               (4, "true", ""), (8, "true", "Demonstration guideline"))  # fmt: skip


def _tsv(columns: list[str], rows: list[dict[str, object]]) -> str:
    lines = ["\t".join(columns)]
    lines += ["\t".join(str(row.get(column, "")) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def _profiles() -> dict[str, int]:
    return {f"{gene} {name}": 9_600_001 + i for i, (gene, name, _, _) in enumerate(_VARIANTS)}


def civic_variants(genome: Genome) -> str:
    """CIViC-format table of molecular alterations."""
    rows: list[dict[str, object]] = []
    profiles = _profiles()
    for gene, name, kind, protein in _VARIANTS:
        row: dict[str, object] = {"gene": gene, "variant": name, "variant_types": kind}
        number = profiles[f"{gene} {name}"]
        row |= {"variant_id": number, "single_variant_molecular_profile_id": number}
        row["blurb"] = LABEL
        if protein:
            row["hgvs_descriptions"] = f"NP_DEMO{genome.genes[gene].number:06d}.1:{protein}"
        rows.append(row)
    return _tsv(_VARIANT_COLUMNS, rows)


def civic_evidence() -> str:
    """CIViC-format table of evidence items."""
    rows: list[dict[str, object]] = []
    profiles = _profiles()
    for index, item in enumerate(_EVIDENCE):
        profile, (disease, doid), therapies, kind, level, meaning, origin, text = item
        number = 9_500_001 + index
        rows.append(
            {
                "molecular_profile": profile,
                "molecular_profile_id": profiles[profile],
                "disease": disease,
                "doid": doid,
                "therapies": therapies,
                "therapy_interaction_type": "Combination" if "," in therapies else "",
                "evidence_type": kind,
                "evidence_direction": "Supports",
                "evidence_level": level,
                "significance": meaning,
                "evidence_statement": f"[{LABEL}] In this demonstration {text}.",
                "citation_id": number,
                "source_type": "Demonstration",
                "citation": "Artificial item",
                "rating": 3,
                "evidence_status": "accepted",
                "evidence_id": number,
                "variant_origin": origin,
                "evidence_civic_url": f"https://example.org/demo/evidence/{number}",
                "molecular_profile_civic_url": f"https://example.org/demo/{profiles[profile]}",
                "is_flagged": "FALSE",
            }
        )
    return _tsv(_EVIDENCE_COLUMNS, rows)


def civic_assertions() -> str:
    """CIViC-format table of assertions: which evidence rests on approval, which on guidelines."""
    rows: list[dict[str, object]] = []
    profiles = _profiles()
    for index, (item, approved, guideline) in enumerate(_ASSERTIONS):
        profile, (disease, doid), therapies, kind, _, meaning, _, text = _EVIDENCE[item]
        number = 9_400_001 + index
        rows.append(
            {
                "molecular_profile": profile,
                "molecular_profile_id": profiles[profile],
                "disease": disease,
                "doid": doid,
                "therapies": therapies,
                "assertion_type": kind,
                "assertion_direction": "Supports",
                "significance": meaning,
                "amp_category": "Tier I - Level A",
                "nccn_guideline": guideline,
                "nccn_guideline_version": "demo" if guideline else "",
                "regulatory_approval": approved,
                "fda_companion_test": "",
                "assertion_summary": f"[{LABEL}] In this demonstration {text}.",
                "assertion_id": number,
                "evidence_item_ids": 9_500_001 + item,
                "assertion_civic_url": f"https://example.org/demo/assertion/{number}",
            }
        )
    return _tsv(_ASSERTION_COLUMNS, rows)


_TUMOURS = (
    ("LUNG", "Lung Cancer", "Lung", "Lung"),
    ("NSCLC", "Non-Small Cell Lung Cancer", "Non-Small Cell Lung Cancer", "Lung"),
    ("LUAD", "Non-Small Cell Lung Cancer", "Lung Adenocarcinoma", "Lung"),
    ("BREAST", "Breast Cancer", "Breast", "Breast"),
    ("BRCA", "Breast Cancer", "Invasive Breast Carcinoma", "Breast"),
    ("IDC", "Breast Cancer", "Breast Invasive Ductal Carcinoma", "Breast"),
    ("BOWEL", "Bowel Cancer", "Bowel", "Bowel"),
    ("COADREAD", "Colorectal Cancer", "Colorectal Adenocarcinoma", "Bowel"),
    ("COAD", "Colorectal Cancer", "Colon Adenocarcinoma", "Bowel"),
    ("SKIN", "Skin Cancer", "Skin", "Skin"),
    ("MEL", "Melanoma", "Melanoma", "Skin"),
)


def oncotree() -> str:
    """The few OncoTree codes the demo uses, as a flat table (codes: oncotree.mskcc.org)."""
    names = ["code", "main_type", "name", "tissue"]
    return _tsv(names, [dict(zip(names, row, strict=True)) for row in _TUMOURS])


# Made up: number, title, status, diseases, biomarkers, ages, places.
_TRIALS = (
    ("1", "A phase 2 study of drug A", "recruiting", "LUAD;NSCLC", "EGFR L858R", "20", "",
     "Artificial Hospital, Tokyo"),
    ("2", "ALK融合遺伝子陽性肺癌の第II相試験", "募集中", "LUAD", "ALK融合遺伝子", "20", "75",
     "人工病院、大阪府"),
    ("3", "A study of drug B in HER2-amplified breast cancer", "recruiting", "IDC",
     "HER2 amplification", "18", "", "Artificial Hospital, Tokyo"),
    ("4", "A study of drug C", "closed", "SOLID", "EGFR L858R", "18", "", ""),
    ("5", "A study of drug D in EGFR wild-type lung cancer", "recruiting", "NSCLC", "", "", "", ""),
    ("6", "A study of drug E in BRAF V600E tumours", "recruiting", "SOLID", "BRAF V600E", "", "",
     "Artificial Hospital, Osaka"),
)  # fmt: skip


def trials() -> str:
    """A list of clinical trials that do not exist, in the form of a site's own list."""
    names = ["trial", "title", "status", "codes", "biomarkers", "min_age", "max_age", "sites"]
    rows = [dict(zip(names, row, strict=True)) for row in _TRIALS]
    return _tsv(names, [{**row, "trial": f"DEMO-TRIAL-{row['trial']}"} for row in rows])


def repeat_loci(genome: Genome) -> str:
    """STRchive-format loci in the coordinates of the artificial genome.

    Limits of ATN1 are those of GeneReviews NBK1491; every place is made up.
    """
    loci = [
        {
            "id": locus.name,
            "gene": locus.gene,
            "disease": "Dentatorubral-pallidoluysian atrophy",
            "inheritance": ["AD"],
            "chrom": locus.contig,
            "start_artificial": locus.start,
            "stop_artificial": locus.end,
            "reference_motif_reference_orientation": [locus.unit],
            "pathogenic_motif_reference_orientation": [locus.unit],
            "benign_max": 35,
            "pathogenic_min": 48,
            "mondo": ["0007435"],
            "details": LABEL,
        }
        for locus in genome.expandable
    ]
    return json.dumps(loci, indent=1) + "\n"
