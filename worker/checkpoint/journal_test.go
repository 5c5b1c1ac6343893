package checkpoint

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestJournal(t *testing.T) {
	dir := t.TempDir()
	if lines, err := ReadJournal(dir); err != nil || lines != nil {
		t.Fatalf("a directory without one: %v, %v", lines, err)
	}
	lr := 1e-4
	want := []JournalLine{
		{Step: 0, View: &JournalView{Generation: 1, Lanes: 4, Workers: []JournalWorker{{"worker-0", 0, 2}, {"worker-1", 2, 4}}}},
		{Step: 7, LR: &lr},
		{Step: 9, Stop: true, Checkpoint: true},
		{Step: 100, Mark: "0123456789abcdef"},
	}
	if err := AppendJournal(dir, want[:3]...); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, JournalName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("{\"step\":10,\"lr\":0.0\n{\"step\":1"); err != nil { // a power cut
		t.Fatal(err)
	}
	f.Close()
	if err := AppendJournal(dir, want[3]); err != nil {
		t.Fatal(err)
	}
	got, err := ReadJournal(dir)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v\nwant %+v", got, err, want)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadJournal(dir); err == nil {
		t.Error("a directory is read as a journal")
	}
	if err := AppendJournal(dir, want[0]); err == nil {
		t.Error("a directory is written as a journal")
	}
}

func FuzzDecodeJournal(f *testing.F) {
	f.Add([]byte(`{"step":7,"lr":0.0001}` + "\n" + `{"step":9,"mark":"0123456789abcdef"}`))
	f.Add([]byte(`{"step":0,"view":{"generation":1,"lanes":2,"workers":[{"name":"w","first":0,"end":2}]}}`))
	f.Add([]byte("null\n{}\n[1]\n\"\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines, err := decodeJournal(bytes.NewReader(text))
		if err != nil {
			return
		}
		var again bytes.Buffer
		for _, l := range lines {
			if err := json.NewEncoder(&again).Encode(l); err != nil {
				t.Fatal(err)
			}
		}
		if same, err := decodeJournal(&again); err != nil || !reflect.DeepEqual(same, lines) {
			t.Fatalf("written and read again: %v, %v; were %v", same, err, lines)
		}
	})
}

// TestOwners: views that were superseded do not count; a lane without a worker, or with two, is named.
func TestOwners(t *testing.T) {
	view := func(step uint64, generation uint64, bounds ...int) JournalLine {
		v := &JournalView{Generation: generation, Lanes: 4}
		for i := 1; i < len(bounds); i++ {
			v.Workers = append(v.Workers, JournalWorker{Name: string(rune('a' + i)), First: bounds[i-1], End: bounds[i]})
		}
		return JournalLine{Step: step, View: v}
	}
	good := []JournalLine{view(0, 1, 0, 4), view(5, 2, 0, 2, 3), {Step: 6, Mark: "00"}, view(5, 3, 0, 2, 4), view(9, 4, 0, 1, 2, 3, 4), view(30, 5, 0)}
	if from, views, err := Owners(good, 4, 20); from != 0 || views != 3 || err != nil {
		t.Errorf("from %d, %d views, %v", from, views, err)
	}
	if _, views, err := Owners(nil, 4, 20); views != 0 || err != nil {
		t.Errorf("without a journal: %d views, %v", views, err)
	}
	for want, bad := range map[string]JournalLine{
		"lane 3 has no worker": view(7, 6, 0, 2, 3),
		"lanes":                {Step: 7, View: &JournalView{Lanes: 8}},
		"where lane 0 is":      view(7, 6, 1, 4),
	} {
		if _, _, err := Owners([]JournalLine{good[0], bad}, 4, 20); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestRatesOf: what the newest checkpoint says counts up to its step, and the journal from there on; what a view that
// went back has yet to do again is not known.
func TestRatesOf(t *testing.T) {
	half, none := 0.5, 0.0
	journal := []JournalLine{{Step: 2, LR: &half}, {Step: 8, LR: &half}, {Step: 11, LR: &none}, {Step: 10, View: &JournalView{}}, {Step: 12, LR: &half}}
	m := &Manifest{Step: 8, Rates: []RateChange{{3, 0.25}}}
	if got, want := Rates(m, journal), []RateChange{{3, 0.25}, {8, 0.5}, {12, 0.5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := Rates(nil, journal), []RateChange{{2, 0.5}, {8, 0.5}, {12, 0.5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("without a checkpoint: got %v, want %v", got, want)
	}
}
