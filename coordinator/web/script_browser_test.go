//go:build browser

package web

import (
	"fmt"
	"testing"
)

// TestFormat runs the page's own helpers in the browser.
func TestFormat(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url, desktop)
	for expression, want := range map[string]string{
		`f.integer(0)`: "0", `f.integer(999)`: "999", `f.integer(1234567)`: "1\u202f234\u202f567", `f.integer(NaN)`: "–", `f.integer(undefined)`: "–",
		`f.count(0)`: "0", `f.count(950)`: "950", `f.count(0.5)`: "0.50", `f.count(999.6)`: "1.00 k", `f.count(12345)`: "12.3 k", `f.count(999499)`: "999 k", `f.count(999500)`: "1.00 M",
		`f.count(1234567)`: "1.23 M", `f.count(-12345)`: "-12.3 k", `f.count(2.5e9)`: "2.50 G", `f.count(1e21)`: "1e21", `f.count(6.02e25)`: "6.02e25", `f.count(9.99e17)`: "999 P", `f.count(Infinity)`: "–", `f.count(null)`: "–",
		`f.rate(41532.7)`: "41.5 k byte/s", `f.rate(512.4)`: "512 byte/s", `f.rate(3.25)`: "3.25 byte/s", `f.rate("x")`: "–",
		`f.bytes(0)`: "0 B", `f.bytes(1023)`: "1.00 KiB", `f.bytes(512)`: "512 B", `f.bytes(155189248)`: "148 MiB", `f.bytes(5140480)`: "4.90 MiB",
		`f.duration(0)`: "0 s", `f.duration(0.0741)`: "74.1 ms", `f.duration(59.6)`: "1 m 00 s", `f.duration(130)`: "2 m 10 s", `f.duration(3899)`: "1 h 04 m",
		`f.duration(86399.7)`: "1 d 0 h", `f.duration(3600)`: "1 h 00 m", `f.duration(273600)`: "3 d 4 h", `f.duration(-1)`: "–", `f.duration(0.9999)`: "1 s",
		`f.millis(0)`: "0 ms", `f.millis(0.00085)`: "0.85 ms", `f.millis(0.0741)`: "74.1 ms", `f.millis(1.2)`: "1.20 s", `f.millis(0.9996)`: "1.00 s", `f.millis(NaN)`: "–",
		`f.ago(3.4)`: "3 s ago", `f.ago(-2)`: "0 s ago", `f.ago(null)`: "–", `f.bits(2.13449)`: "2.134", `f.bits(null)`: "–", `f.bits(0)`: "0.000", `f.bits(0.0123456)`: "0.0123", `f.bits(0.00012)`: "0.00012", `f.bits(0.000012)`: "1.2e-5",
		`f.bits(6.02e25)`: "6.02e25", `f.bits(12345.678)`: "12345.7", `f.bits(-2.5)`: "-2.500",
		`f.ticks([0, 0.002, 0.004], 0.002).join()`: "0.000,0.002,0.004", `f.ticks([1.25, 1.5, 1.75], 0.25).join()`: "1.25,1.50,1.75", `f.ticks([0, 20, 40], 20).join()`: "0,20,40",
		`f.ticks([0, 5e24, 1e25], 5e24).join()`: "0,5e24,1e25", `f.ticks([0, 1e-8], 1e-8).join()`: "0,1e-8", `f.share(0.9725)`: "97.25 %", `f.share(undefined)`: "–",
		`f.percent(740, 1200)`: "61 %", `f.percent(1199, 1200)`: "99 %", `f.percent(1200, 1200)`: "100 %", `f.percent(1, 0)`: "–",
		`f.small(0.002)`: "0.002", `f.small(0.0012345)`: "0.00123", `f.small(0.00001234)`: "1.23e-5", `f.small(0)`: "0", `f.small(123456)`: "1.23e5", `f.small(1.5)`: "1.5",
		`f.short("0123456789abcdef")`: "0123456789ab", `f.short("")`: "–", `f.short(undefined)`: "–",
		`String(f.since("2026-03-14T09:26:53Z", "2026-03-14T09:28:03.5Z"))`: "70.5", `String(f.since("0001-01-01T00:00:00Z", "2026-03-14T09:28:03Z"))`: "null", `String(f.since("x", "y"))`: "null",
		`f.clock("0001-01-01T00:00:00Z")`: "–", `f.clock("nonsense")`: "–", `f.clock(new Date(2026, 2, 4, 9, 5, 7))`: "09:05:07", `f.moment(new Date(2026, 2, 4, 9, 5, 7))`: "2026-03-04 09:05:07",
		`f.plural(1, "thread")`: "1 thread", `f.plural(12000, "thread")`: "12\u202f000 threads",
	} {
		if got := eval[string](p, fmt.Sprintf(`import("/static/format.js").then((f) => %s)`, expression)); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
}

// TestThinned checks that one mark stands for those of its kind beside it, and for no other kind.
func TestThinned(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url, desktop)
	const marks = `[...Array(400).keys()].map((step) => ({ step, kind: "evaluation" })).concat({ step: 3, kind: "error" }, { step: 0, kind: "error" })`
	if got := eval[string](p, `import("/static/happened.js").then((h) => h.thinned(`+marks+`, (m) => m.step / 4).map((m) => m.kind[1] + m.step).join(" "))`); got != "v0 v32 v64 v96 v128 v160 v192 v224 v256 v288 v320 v352 v384 r3" {
		t.Errorf("left are %s", got)
	}
}

// TestSpan checks how the page keeps buckets, and when it asks for what.
func TestSpan(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url, desktop)
	// server answers as the coordinator does, with buckets of one column.
	const server = `const asked = []; let end = 10;
		const get = (path) => {
			const q = new URLSearchParams(path.split("?")[1]);
			const from = Number(q.get("from") ?? 1), to = Math.min(end, Number(q.get("to") ?? end)), points = Number(q.get("points"));
			let width = 1;
			while (Math.floor((to - 1) / width) - Math.floor((from - 1) / width) + 1 > points) width *= 2;
			const steps = [];
			for (let s = from - (from - 1) % width; s <= to; s += width) steps.push(Math.min(to, s + width - 1));
			asked.push(path.replace("api/series?", "").replaceAll("&", " ") + " got " + steps.length);
			return Promise.resolve({ from, to, end, width, steps, seconds: steps, columns: { loss: { last: steps } } });
		};
		const span = new Span(get);
		const to = async (n, range = null, points = 20) => { end = n; await span.ask(range, points, String(n), n); return span.data.steps.length + " of " + span.data.width + " to " + span.data.columns.loss.last.at(-1); };`
	for steps, want := range map[string]string{
		// What is known is not asked for again; the last bucket is, for it may have grown.
		`[await to(10), await to(10), await to(12)]`: "10 of 1 to 10,10 of 1 to 10,12 of 1 to 12|points=20 got 10,from=10 points=3 got 3",
		// Too many buckets: wider ones.
		`[await to(20), await to(21), await to(22)]`: "20 of 1 to 20,11 of 2 to 21,11 of 2 to 22|points=20 got 20,points=20 got 11,from=21 points=1 got 1",
		// Another range, and one that nothing more comes to.
		`[await to(20), await to(20, [5, 9]), await to(30, [5, 9])]`: "20 of 1 to 20,5 of 1 to 9,5 of 1 to 9|points=20 got 20,points=20 from=5 to=9 got 5",
		// A run that went back.
		`[await to(20), await to(7)]`: "20 of 1 to 20,7 of 1 to 7|points=20 got 20,points=20 got 7",
	} {
		script := fmt.Sprintf(`import("/static/series.js").then(async ({ Span }) => { %s const said = %s; return said.join() + "|" + asked.join(); })`, server, steps)
		if got := eval[string](p, script); got != want {
			t.Errorf("%s is\n%q, want\n%q", steps, got, want)
		}
	}
}

// TestScale checks what is smoothed, and which values are worth seeing.
func TestScale(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url, desktop)
	if got := eval[string](p, `import("/static/api.js").then((a) => [0, 1, 2, 3, 50].map(a.delayAfter).join(" "))`); got != "1000 1000 2000 4000 15000" {
		t.Errorf("pauses %s", got)
	}
	for expression, want := range map[string]string{
		`c.smooth([5, 5, null, 5], 3).join()`: "5,5,,5",
		`c.smooth([], 3).join()`:              "",
		`String(c.smooth([1, undefined, null], 9)[1]) + c.smooth([1, undefined, null], 9)[2]`: "undefinednull", // a step without a value is no hole
		`c.full([1, null, 3], [undefined, 2]).map(Math.round).join()`:                         "1,3", `c.full([null]).join()`: "0,1",
		`c.positive([-1, 5], [0, 2, 4]).map((x) => x.toFixed(2)).join()`: "1.82,5.00", `c.positive([0, 0], [0]).join()`: "0.1,1",
		`c.sensible([]).join()`:                        "0,1",
		`c.sensible([null, null]).join()`:              "0,1",
		`c.sensible([1, 2])[1] > 2`:                    "true",
		`c.sensible([2, 2])[0] < 2`:                    "true",
		`c.sensible([1, 2], .97, [9])[1] >= 9`:         "true",
		`c.sensible([2, 2.5, 3, 3, 2.2, 6e25])[1] < 7`: "true", `c.sensible([2, 2.5, 3], .97, [6e25])[1] < 7`: "true", // astray
		`c.sensible([0, 0, 0, 5])[1] > 5`: "true", `c.sensible([6e25, 6e25, 5e25, 2])[1] > 5e25`: "true",
		`(() => { const ys = Array.from({length: 400}, (_, i) => i === 7 ? 1e9 : 2 + Math.sin(i)); return c.sensible(ys)[1] < 4; })()`: "true",
		// A loss that ends near zero is seen from where it falls, to its last value; values that are near the others are not cut.
		`(() => { const ys = Array.from({length: 400}, (_, i) => 2.3 * Math.exp(-i / 20)); const [low, high] = c.sensible(ys, .92); return low < ys[399] && high > 0.4; })()`: "true",
		`(() => { const ys = Array.from({length: 400}, (_, i) => 2 + Math.sin(i) + (i === 399 ? 30 : 0)); return c.sensible(ys)[1] > 31; })()`:                                "true",
		`(() => { const ys = Array.from({length: 400}, (_, i) => i === 7 ? 3.9 : 2 + Math.sin(i)); return c.sensible(ys)[1] > 3.9; })()`:                                      "true",
	} {
		if got := eval[string](p, fmt.Sprintf(`import("/static/scale.js").then((c) => String(%s))`, expression)); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
}

// Of very few steps the marks between them have no number: each step is named once.
func TestMarksBetweenSteps(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 3})
	p := open(t, url, desktop)
	if got := eval[string](p, `import("/static/xaxis.js").then(({ axisOf }) => axisOf("step", {}, {}).ticks([1, 1.25, 1.5, 1.75, 2, null, 20000]).join("|"))`); got != "1||||2||20 k" {
		t.Errorf("marks %q", got)
	}
}
