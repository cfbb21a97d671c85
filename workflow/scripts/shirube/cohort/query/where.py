"""Expressions that choose people: `diagnosis == "LUAD" and sex == "XX"`.

Columns of the sheet of people, compared with texts by ==, != or in, joined by and, or, not.
A person whose value is unknown meets no comparison, not even `!=`.
"""

import ast

import polars as pl

from shirube.errors import InputError


def condition(text: str, columns: list[str]) -> pl.Expr:
    """The expression as polars knows it; InputError where it is none of this kind."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise InputError("--where", f"an expression ({error.msg})", text) from None
    return _expression(tree, text, columns).fill_null(False)


def _expression(node: ast.expr, text: str, columns: list[str]) -> pl.Expr:
    if isinstance(node, ast.BoolOp):
        parts = [_expression(value, text, columns) for value in node.values]
        return (
            pl.all_horizontal(parts) if isinstance(node.op, ast.And) else pl.any_horizontal(parts)
        )
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ~_expression(node.operand, text, columns)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.left, ast.Name):
        if node.left.id not in columns:
            raise InputError(
                "--where", f"a column of the sheet: {', '.join(columns)}", node.left.id
            )
        values = _texts(node.comparators[0], text)
        found = pl.col(node.left.id)
        match node.ops[0]:
            case ast.Eq():
                return found == values[0]
            case ast.NotEq():
                return found != values[0]
            case ast.In():
                return found.is_in(values)
            case ast.NotIn():
                return ~found.is_in(values)
    raise InputError("--where", 'comparisons as in: diagnosis == "LUAD" and sex == "XX"', text)


def _texts(node: ast.expr, text: str) -> list[str]:
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    out = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
    if len(out) != len(parts) or not out:
        raise InputError("--where", "texts in quotes to compare with", text)
    return out
