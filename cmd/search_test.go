package cmd

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/cmd/search"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
)

const searchFile = "name: cells\nmodel: {kind: cells, image: 8, width: 2}\ndata: {train: 'generated:a?count=8', valid: 'generated:b?count=8'}\nsteps: 3\n"

// searched runs `rondo search` on a run file.
func searched(t *testing.T, text string, words ...string) (status int, said, dir string) {
	t.Helper()
	dir = t.TempDir()
	file := filepath.Join(dir, "run.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	status = Execute(t.Context(), append([]string{"search", file, "--out", filepath.Join(dir, "out")}, words...), &b, &b)
	return status, b.String(), dir
}

// What makes no search is refused before anything is measured, trained or written.
func TestSearchRefuses(t *testing.T) {
	for _, c := range []struct{ text, words, want string }{
		{searchFile, "--operations=sep9x9", `--operations: "sep9x9" is none; there are conv1x1`},
		{searchFile, "--nodes=0", "--nodes 0: from 1 to 8"},
		{searchFile, "--controller=luck", `--controller "luck": policy, random are allowed`},
		{searchFile, "--children=0", "--children 0: from 1"},
		{searchFile, "--top=0", "--top 0: at least 1"},
		{searchFile, "--workers=0", "--workers 0: at least 1"},
		{searchFile, "--workers=3 --set=batch.lanes=2", "--workers 3: more than the 2 lanes of the run file"},
		{searchFile, "--times=x", "--times: no times are wanted without --cost time"},
		{searchFile, "--target=0", "--target 0: want a cost above 0"},
		{searchFile, "--set=data.valid=", "data.valid: nothing is held out"},
		{searchFile, "--set=model.normal=sep3x3", `model.normal: node 1, term 1: "sep3x3": want an operation and its input`},
		{strings.Replace(searchFile, "cells, image: 8, width: 2", "lenet5", 1), "", "model.kind: lenet5 has no cells to search for"},
	} {
		status, said, dir := searched(t, c.text, strings.Fields(c.words)...)
		if status != 2 {
			t.Errorf("%s: status %d", c.words, status)
		}
		wantText(t, said, c.want)
		if _, err := os.Stat(filepath.Join(dir, "out")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was written: %v", c.words, err)
		}
	}
}

// drawnSearch is a search whose first children have such accuracies.
func drawnSearch(t *testing.T, p *search.Plan, accuracies ...float64) *search.Search {
	t.Helper()
	s := search.New(p)
	for _, accuracy := range accuracies {
		c, _ := s.Next()
		c.Accuracy, c.Diverged, c.Parameters, c.MultiplyAdds = accuracy, accuracy == 0, 4321, 12345
		if p.Cost == "time" {
			c.Seconds = 0.004
		}
		s.Judge(&c)
		if err := s.Take(c); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func searchPlan(t *testing.T, cost string) *search.Plan {
	t.Helper()
	f, err := runfile.Parse("run.yaml", []byte(searchFile), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &search.Plan{Controller: "random", Seed: 1, Nodes: 2, Operations: []string{"conv3x3", "identity", "max3x3"}, Memory: 0.9,
		Cost: cost, Target: 0.004, Weight: -0.07, Bits: f.Hash()}
}

// The best come first, with their cells; a child that diverged has no accuracy of 0.
func TestSearchText(t *testing.T) {
	s := drawnSearch(t, searchPlan(t, "time"), 0.25, 0, 0.5)
	results := s.Results(3)
	text := searchText(results)
	wantText(t, strings.Join(strings.Fields(text), " "), "random, 3 children, 3 trained, of 10^", "100% of its entropy", "accuracy · (seconds / 0.004)^-0.07",
		"3 0.5000 0.5000 12,345 4,321 4", "1 0.2500 0.2500 12,345 4,321 4", "2 0.0000 diverged 12,345", "normal "+s.Children[2].Normal, "digest "+s.Digest())
	var cells, rewards bytes.Buffer
	if err := errors.Join(cellsScene(results.Best[0]).SVG(&cells), rewardChart(results, s.Baselines()).Scene().SVG(&rewards)); err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(results.Best[0].Normal, " +")
	wantText(t, cells.String(), "child 3: accuracy 0.5000", first, "joined")
	wantText(t, rewards.String(), "best so far", "moving average")
}

// Times come from the other search alone: a child that it has not measured ends this one with the child's name.
func TestSearchTimes(t *testing.T) {
	other := t.TempDir()
	p := searchPlan(t, "time")
	if _, err := p.Keep(other); err != nil {
		t.Fatal(err)
	}
	j, _, err := search.OpenJournal(other)
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	status, said, dir := searched(t, searchFile, "--cost=time", "--times="+other)
	if status != exitFailed {
		t.Errorf("status %d", status)
	}
	wantText(t, said, "--times: the search in "+other+" has not measured child 1: ")
	if kept, err := search.ReadPlan(filepath.Join(dir, "out")); err != nil || kept.Target != p.Target {
		t.Errorf("the target is that of the other search, not %+v: %v", kept, err)
	}
	q := *p
	q.Cost = "operations"
	if _, err := q.Keep(filepath.Join(other, "untimed")); err != nil {
		t.Fatal(err)
	}
	status, said, _ = searched(t, searchFile, "--cost=time", "--times="+filepath.Join(other, "untimed"))
	if status != 2 || !strings.Contains(said, "which measured none") {
		t.Errorf("status %d: %s", status, said)
	}
}

// The words by which a child that diverged is known are those of a worker.
func TestNotFinite(t *testing.T) {
	for _, lane := range []int{-1, 2} {
		if err := (&worker.NonFiniteError{Step: 3, Where: "fc", Lane: lane}); !strings.Contains(err.Error(), notFinite) {
			t.Errorf("%q is not found in %v", notFinite, err)
		}
	}
}
