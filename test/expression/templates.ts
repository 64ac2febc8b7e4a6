const each = (list: string): string[] => list.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))

/** Expressions by the node of the grammar that they try; `X` is the operand. */
export const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  path: each(`
    X.a
    X.a.b
    X.c
    (X).(a)
    X.$
    X.a.b.c
    $$.X
    X."a"
    object.X
    X.(b & "!")
    X.[a, b]
    X.{ "n": a }
    [X].a
    [X, 1].b
    X.constructor
    X.(X)`),
  keep: each(`
    X[]
    X[].a
    X.a[]
    X.c[]
    X[0][]
    (X)[]
    [X][]
    X.a[][0]`),
  predicate: each(`
    X[0]
    X[-1]
    X[1.9]
    X[5]
    X[a = 1]
    X[a]
    X[true]
    X[false]
    X[[0, 2]]
    X[$ > 1]
    X[b in ["x", "y"]]
    (X)[0]
    X[c].a
    X.c[0]
    (X.c)[0]
    X[a > 0][0]
    X[$exists(c)]
    X[0].a
    many[X]
    objects[X]`),
  sort: each(`
    X^(a)
    X^(>a)
    X^($)
    X^(>b, <a)
    X^(b).a
    X^(a)[0]
    objects^(X)`),
  group: each(`
    X{ b: a }
    X{ "k": $ }
    X.{ b: c }
    X{ b: $sum(a) }
    X[a]{ b: a }
    X{ "a": a, "b": b }
    objects{ b: X }
    objects{ "k": X }
    { "x": X }
    { "x": X, "y": [X] }
    { X: 1 }
    { "a": { "b": X } }.a.b
    { "x": X }.x
    { "x": [X] }.x[0]`),
  wildcard: each(`
    X.*
    X.*[0]
    X.*.a
    *.X
    X.**
    X.**.c
    X.** [a]
    **.X`),
  array: each(`
    [X]
    [[X]]
    [X, X]
    [X.a]
    [1, X, "z"]
    [X][0]
    [X..3]
    [1..X]
    [X, [X]]
    [X][[0]]`),
  condition: each(`
    X ? 1 : 2
    X ? X
    X ?: "no"
    X ?? "no"
    X.a ?? X.b
    true ? X : 1
    X and true
    false or X
    $not(X)
    $boolean(X)`),
  unary: each(`
    -X
    -X.a
    (X)
    (X; X)
    ()`),
  binding: each(`
    ($x := X; $x)
    ($x := X; $x.a)
    ($x := X; $x[0])
    ($x := X; $y := $x; [$x, $y])
    ($x := 1; ($x := X; $x))
    ($x := X; X.($x))
    ($x := [X]; $x)
    (X.($z := $; $z))`),
  lambda: each(`
    (function($v) { $v })(X)
    ($f := function($v) { $v.a }; $f(X))
    ($f := function($v, $w) { [$v, $w] }; $f(X))
    ($f := function($n) { $n > 0 ? $f($n - 1) : X }; $f(3))
    ($f := function() { X }; $f())
    ($f := function($v) { function($w) { [$v, $w] } }; $f(X)(1))
    ($f := function($v) { $keys($v) }; $f(X))
    X ~> $string
    X ~> $count()
    X ~> $append(1)
    X ~> (function($v) { [$v] })
    ($g := $string ~> $length; $g(X))
    ($f := function($a, $b) { [$a, $b] }; $p := $f(?, X); $p(1))
    ($f := function($a)<s-:s> { $a & "!" }; $f(X))`),
  higherOrder: each(`
    $map(X, function($v) { $v })
    $map(X, function($v, $i) { $i })
    $map(X, function($v, $i, $a) { $count($a) })
    $map(X, $string)
    $map(X, function($v) { $keys($v) })
    $map(X, function($v) { $v.a })
    $filter(X, function($v) { $v })
    $filter(X, function($v) { $v.a = 1 })
    $filter(X, function($v) { $v })[]
    $reduce(X, function($s, $v) { $append($s, $v) })
    $reduce(X, function($s, $v) { $s & $v }, "-")
    $single(X, function($v) { $v.a = 1 })
    $each(X, function($v, $k) { $k & $string($v) })
    $sift(X, function($v, $k) { $k = "a" })
    $sort(X)
    $sort(X, function($l, $r) { $l.a > $r.a })
    objects.$map(c, function($v) { $v & X })`),
  functions: each(`
    $string(X)
    $string(X, true)
    $length(X)
    $substring(X, 1)
    $substring("hello", 1, X)
    $substringBefore(X, "b")
    $substringAfter(X, "b")
    $uppercase(X)
    $lowercase(X)
    $trim(X)
    $pad(X, 5, "#")
    $contains(X, "b")
    $split(X, "b")
    $join(X)
    $join(X, "-")
    $replace(X, "b", "-")
    $match(X, /b/)
    $contains(X, /b/)
    $replace(X, /(b)/, "<$1>")
    $split(X, /b/)
    $number(X)
    $abs(X)
    $floor(X)
    $round(X, 1)
    $sqrt(X)
    $power(X, 2)
    $sum(X)
    $max(X)
    $min(X)
    $average(X)
    $count(X)
    $append(X, 1)
    $append(X, X)
    $exists(X)
    $type(X)
    $keys(X)
    $spread(X)
    $merge(X)
    $lookup(X, "a")
    $reverse(X)
    $distinct(X)
    $zip(X, many)
    $clone(X)
    $base64encode(X)
    $encodeUrl(X)
    $formatNumber(X, "#0.00")
    $formatBase(X, 2)
    $toMillis(X)
    $fromMillis(X)
    X.$string()
    X.$uppercase()
    X.$keys()
    $error(X)
    $assert(X, "no")`),
  library: each(`
    $firstNonEmpty(X, 1)
    $idOf(X)
    $mapEnum(X, { "abc": 1 }, "other")
    $removeEmpty(X)
    $pick(X, "a")
    $joinName(X, "Lovelace")
    $decimal(X)
    $money(X, "EUR")
    $fromUnix(X)`),
  names: each(`
    X#$i.{ "i": $i, "v": $ }
    X@$v.{ "v": $v }
    X#$i[$i = 0]
    objects@$o.X.[$o.b, $]
    X.a.{ "p": %.b }
    X[%.number = 3]
    X.(%.text)
    objects.c.{ "v": $, "b": %.b }
    X@$v#$i{ "k": $i }
    objects#$i^(X).$i`),
  transform: each(`
    X ~> |$|{ "n": 1 }|
    X ~> |a|{ "n": 1 }|
    object ~> |$|{ "n": X }|
    X ~> |$|{ "n": 1 }, ["a"]|
    objects ~> |$[a = 1]|{ "n": X }, "b"|`),
}
