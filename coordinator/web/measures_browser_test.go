//go:build browser

package web

import (
	"fmt"
	"testing"
)

// An evaluation shows what its task measures, whatever that is.
func TestMeasuresOfEvaluations(t *testing.T) {
	const rows = `[...document.querySelectorAll("#evaluations tr")].map((r) => [...r.cells].map((c) => c.textContent).join("|"))`
	images, numbers := &demo{workers: 2, step: 700, change: images, bend: bendImages}, &demo{workers: 2, step: 700, change: numbers, bend: bendImages}
	for _, c := range []struct {
		d                        *demo
		loss, value, held, first string
	}{
		{images, "bits per image", "97.00 %", "0.00595 bits/image at step 600", "600|%.5f|97.00 %% right · top-5 99.87 %% · mean of the classes 94.79 %%"},
		{numbers, "loss", "4.219 years", "1.649 loss at step 600", "600|%.3f|mean absolute error 4.219 years · R² –"},
	} {
		url, _, _ := serve(t, c.d)
		p := open(t, url, desktop)
		p.wait(`document.querySelectorAll("#evaluations tr").length === 3`)
		st := c.d.Status()
		loss := st.Evaluations[2].BitsPerChar
		if st.Run.PlainLoss {
			loss = st.Evaluations[2].Loss
		}
		if got, want := eval[[]string](p, rows)[0], fmt.Sprintf(c.first, float64(loss)); got != want {
			t.Errorf("%s: row %q, want %q", st.Run.Name, got, want)
		}
		for selector, want := range map[string]string{"#held": c.value, "#held-sub": c.held, ".tiles dt": c.loss, "#h-loss small": c.loss, ".evaluations th:nth-child(2)": c.loss} {
			if got := p.text(selector); got != want {
				t.Errorf("%s: %s says %q, want %q", st.Run.Name, selector, got, want)
			}
		}
	}
	// The first measure has a chart, in the words of its task.
	served, _, _ := serve(t, images)
	q := open(t, served, desktop)
	q.wait(`document.querySelector("#chart-measure[data-points='3'] canvas")`)
	if got := q.text("#h-measure") + "|" + q.text("#chart-measure .legend b"); got != "Accuracy % of the held-out set|97.00 %" {
		t.Errorf("the chart of the measure says %q", got)
	}
	url, _, _ := serve(t, &demo{workers: 2, step: 700})
	p := open(t, url, desktop)
	p.wait(`document.querySelector("#chart-norm canvas")`)
	if !eval[bool](p, `document.getElementById("evaluations-card").hidden`) {
		t.Error("a task that measures nothing has a table of measures")
	}
}
