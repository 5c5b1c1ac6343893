package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/coordinator/web"
)

func newPlotWaterfall() *cobra.Command {
	var worker, out string
	var step uint64
	c := &cobra.Command{
		Use:   "waterfall URL|DIR",
		Short: "Draw where the time of a step goes",
		Long: `Asks the page of a run that goes on where the time of one step goes, and draws it: rows that were not read
ahead, forward, backward, each bucket on its way round the ring, what the ring held up, the wait for the other workers,
and apply. The workers measure a step for whoever asks, and nothing else changes. In a run's directory are those of some
steps, closer at the beginning, of each worker.`,
		Example: `  rondo plot waterfall http://127.0.0.1:7070/
  rondo plot waterfall http://127.0.0.1:7070/ --worker worker-1 --out step.svg
  rondo plot waterfall runs/lenet5 --step 100 --worker worker-1`,
		Args: args(1, 1, "the address of a run's page, or its directory"),
		RunE: func(c *cobra.Command, given []string) error {
			if err := checkDrawn(out); err != nil {
				return err
			}
			bars, err := waterfallOf(c.Context(), given[0], worker, step)
			if err != nil {
				return err
			}
			return drawn(c, out, bars.Scene(), func(colored bool) string { return bars.Terminal(terminalColumns, colored) })
		},
	}
	c.Flags().StringVar(&worker, "worker", "", "its `NAME`; empty: the first")
	c.Flags().Uint64Var(&step, "step", 0, "of a directory: the recorded `STEP`, or the last one before; 0: the newest")
	c.Flags().StringVarP(&out, "out", "o", "", "`FILE` for the picture, .png or .svg; empty: the terminal")
	return c
}

// How long to wait for a step of the workers, how often to ask for it, and how long an answer may be.
const (
	waterfallPatience = 30 * time.Second
	waterfallEvery    = 500 * time.Millisecond
	waterfallBytes    = 64 << 20
)

// waterfallOf asks a page until its workers have told of a step, or reads one that a run has recorded.
func waterfallOf(ctx context.Context, page, worker string, step uint64) (*draw.Bars, error) {
	if scheme := strings.ToLower(runfile.Scheme(page)); scheme != "http" && scheme != "https" {
		return recordedWaterfall(page, worker, step)
	}
	if step > 0 {
		return nil, &usageError{errors.New("--step is of a run's directory: a page tells of one of the next steps alone")}
	}
	at, err := url.Parse(page)
	if err != nil || at.Host == "" {
		return nil, &usageError{fmt.Errorf("%s: want the address of a run's page, as http://127.0.0.1:7070/", page)}
	}
	ctx, cancel := context.WithTimeout(ctx, waterfallPatience)
	defer cancel()
	for {
		all, err := askWaterfalls(ctx, at.JoinPath("api/waterfall").String())
		if err != nil {
			return nil, err
		}
		if len(all.Workers) > 0 {
			return waterfallBars(all, worker)
		}
		select {
		case <-time.After(waterfallEvery):
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: no worker has told of a step in %v: does the run go on?", page, waterfallPatience)
		}
	}
}

// recordedWaterfall is that of a recorded step.
func recordedWaterfall(dir, worker string, step uint64) (*draw.Bars, error) {
	if err := wantPlace("the directory", dir); err != nil {
		return nil, err
	}
	run, err := past.Open(dir, time.Now)
	if err != nil {
		return nil, fmt.Errorf("%w (or, of a run that goes on, the address of its page, as http://127.0.0.1:7070/)", err)
	}
	all, err := pickWaterfalls(run, step)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return waterfallBars(all, worker)
}

// pickWaterfalls are those of the last recorded step up to the one given, or else of the first; of the newest for step 0.
func pickWaterfalls(run web.KeptWaterfalls, step uint64) (all api.Waterfalls, err error) {
	steps := run.WaterfallSteps()
	if len(steps) == 0 {
		return all, errors.New("the run has recorded no waterfall: of one that goes on give the address of its page, as http://127.0.0.1:7070/")
	}
	at := len(steps) - 1
	for step > 0 && at > 0 && steps[at] > step {
		at--
	}
	texts := run.WaterfallsAt(steps[at])
	if len(texts) == 0 { // a run that goes on has gone back since
		return all, fmt.Errorf("the waterfall of step %d is not there any more: ask again", steps[at])
	}
	for _, text := range texts {
		w, err := api.DecodeWaterfall(text)
		if err != nil {
			return all, err
		}
		all.Workers = append(all.Workers, *w)
	}
	return all, nil
}

func askWaterfalls(ctx context.Context, address string) (all api.Waterfalls, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return all, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return all, err // it names the address
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, waterfallBytes))
	if err != nil {
		return all, fmt.Errorf("%s: %w", address, err)
	}
	if answer.StatusCode != http.StatusOK {
		var why struct{ Error string }
		if json.Unmarshal(body, &why) != nil || why.Error == "" {
			why.Error = "is it the page of a run?"
		}
		return all, fmt.Errorf("%s: %s: %s", address, answer.Status, why.Error)
	}
	if err := json.Unmarshal(body, &all); err != nil {
		return all, fmt.Errorf("%s: no waterfall: %w", address, err)
	}
	return all, nil
}

// partColors are those of the page: computing, the ring, waiting, rows.
var partColors = map[string]color.NRGBA{"rows": {139, 147, 162, 255}, "forward": {31, 58, 147, 255}, "backward": {31, 58, 147, 255}, "apply": {31, 58, 147, 255},
	"barrier": {106, 56, 0, 255}}

// maxBarRows is how many rows a picture has at most; of more buckets the last ones share one.
const maxBarRows = 64

// waterfallBars draws the worker of that name, or the first.
func waterfallBars(all api.Waterfalls, worker string) (*draw.Bars, error) {
	w, names := -1, []string{}
	for i := range all.Workers {
		names = append(names, visibleText(all.Workers[i].Worker))
		if w < 0 && (worker == "" || worker == all.Workers[i].Worker) {
			w = i
		}
	}
	if w < 0 {
		return nil, &usageError{fmt.Errorf("--worker %s: the step has %s", worker, strings.Join(names, ", "))}
	}
	return workerBars(&all.Workers[w])
}

// workerBars makes rows of a worker's spans: passes of a part share one, each bucket has its own.
func workerBars(f *api.WorkerWaterfall) (*draw.Bars, error) {
	b := &draw.Bars{Title: fmt.Sprintf("%s, step %d, %s", cmp.Or(visibleText(f.Worker), "first worker"), f.Step, stepText(f.Total)), X: "milliseconds", End: 1e3 * f.Total}
	row := map[string]int{}
	for _, part := range []string{"rows", "forward", "backward", "mirror", "statistics", "bucket", "blocked", "barrier", "apply"} {
		for _, s := range f.Spans {
			if s.Part != part {
				continue
			}
			name := cmp.Or(map[string]string{"blocked": "blocked by ring", "barrier": "waits for all", "mirror": "states"}[part], part)
			if part == "bucket" {
				if name = fmt.Sprintf("bucket %d", s.Number); len(b.Rows) >= maxBarRows {
					name = "more buckets"
				}
			}
			i, there := row[name]
			if !there {
				paint, known := partColors[part]
				if !known {
					paint = color.NRGBA{23, 165, 147, 255}
				}
				i, row[name] = len(b.Rows), len(b.Rows)
				b.Rows = append(b.Rows, draw.BarRow{Name: name, Color: paint})
			}
			b.Rows[i].Spans = append(b.Rows[i].Spans, [2]float64{1e3 * s.Begin, 1e3 * s.End})
			b.End = max(b.End, 1e3*s.End)
		}
	}
	if len(b.Rows) == 0 || b.End <= 0 {
		return nil, errors.New("the step has no parts")
	}
	return b, nil
}
