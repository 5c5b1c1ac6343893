package checkpoint

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
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
