package runfile

import (
	"errors"
	"strings"
	"testing"
)

// TestErrors gives the whole error of each thing that can be wrong with a file; every file begins with the
// data section on line 1.
func TestErrors(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"unknown field", "batch:\n  lane: 4", `r.yaml:3: found unknown field "batch.lane", want one of global, lanes, length (did you mean lanes?)`},
		{"unknown section", "bath: {}", `r.yaml:2: found unknown field "bath", want one of name, seed, model, data, batch, optimizer, schedule, ring, steps, eval, checkpoint, precision, convolution, mixed_tiers, sync_batchnorm (did you mean batch?)`},
		{"nothing like it", "eval: {zzzzzz: 1}", `r.yaml:2: found unknown field "eval.zzzzzz", want one of every, batches`},
		{"path for a name", "batch.lanes: 4", `r.yaml:2: found unknown field "batch.lanes", want one of name,`},
		{"text for a number", "batch:\n  lanes: many", `r.yaml:3: batch.lanes: found the text "many", want a whole number from 1 to 999`},
		{"quoted number", `batch: {lanes: "4"}`, `r.yaml:2: batch.lanes: found the text "4", want a whole number from 1 to 999`},
		{"fraction", "steps: 1.5", `r.yaml:2: steps: found the number 1.5, want a whole number from 1 to 999999999`},
		{"exponent", "steps: 1e3", `r.yaml:2: steps: found the number 1e3, want a whole number`},
		{"octal", "steps: 010", `r.yaml:2: steps: found the number 010, want a whole number`},
		{"hexadecimal", "steps: 0x10", `r.yaml:2: steps: found the number 0x10, want a whole number`},
		{"too many digits", "steps: 99999999999999999999", `r.yaml:2: steps: found the number 99999999999999999999, want`},
		{"negative seed", "seed: -1", `r.yaml:2: seed: found the number -1, want a whole number from 0 to 18446744073709551615`},
		{"number for text", "name: 5", `r.yaml:2: name: found the number 5, want text (put it in quotes)`},
		{"truth for text", "name: true", `r.yaml:2: name: found true, want text (put it in quotes)`},
		{"text for truth", "sync_batchnorm: yes", `r.yaml:2: sync_batchnorm: found the text "yes", want true or false`},
		{"nothing", "steps:", `r.yaml:2: steps: found nothing, want a whole number`},
		{"list", "steps: [1, 2]", `r.yaml:2: steps: found a list, want a whole number`},
		{"section for a number", "steps: {a: 1}", `r.yaml:2: steps: found a section of fields, want a whole number`},
		{"number for a section", "model: 5", `r.yaml:2: model: found the number 5, want fields: kind, cell, hidden,`},
		{"not a number", "optimizer: {lr: .nan}", `r.yaml:2: optimizer.lr: found the number .nan, want a number above 0`},
		{"infinite", "optimizer: {lr: .inf}", `r.yaml:2: optimizer.lr: found the number .inf, want a number above 0`},
		{"twice", "steps: 5\nsteps: 6", `r.yaml:3: steps: found a second time (first on line 2), want it once`},
		{"section twice", "eval: {every: 1}\neval: {batches: 2}", `r.yaml:3: eval: found a second time (first on line 2), want it once`},
		{"alias", "steps: &a 5", `r.yaml:2: steps: found an anchor or alias, which run files do not have, want a whole number`},
		{"tag", "steps: !!int 5", `r.yaml:2: steps: found a tag, which run files do not have, want`},
		{"merge", "<<: {steps: 5}", `r.yaml:2: found a field's name that is not plain text, want one of`},
		{"two documents", "---\nsteps: 5", `r.yaml:3: found a second YAML document, want one run to a file`},
		{"not YAML", "model: {cell: lstm", `r.yaml:2: not YAML: `},
		{"tabs", "batch:\n\tlanes: 4", `r.yaml:3: not YAML: `},

		{"zero lanes", "batch: {lanes: 0}", `r.yaml:2: batch.lanes: found 0, want a whole number from 1 to 999`},
		{"lanes that do not divide", "batch:\n  global: 64\n  lanes: 7", `r.yaml:4: batch.lanes: found 7, want a divisor of batch.global = 64: 1, 2, 4, 8, 16, 32, 64`},
		{"negative size", "model: {hidden: -3}", `r.yaml:2: model.hidden: found -3, want a whole number from 1 to 65536`},
		{"unknown kind", "model: {kind: charlm2}", `r.yaml:2: model.kind: found "charlm2", want one of charlm, lenet5, mobilenetv2, resnet18 (did you mean charlm?)`},
		{"unknown cell", "model: {cell: lst}", `r.yaml:2: model.cell: found "lst", want one of rnn, gru, gru-textbook, lstm, lstm-peephole, mlstm (did you mean lstm?)`},
		{"unknown optimizer", "optimizer: {kind: adagrad}", `r.yaml:2: optimizer.kind: found "adagrad", want one of sgd, adam`},
		{"unknown schedule", "schedule: {kind: step}", `r.yaml:2: schedule.kind: found "step", want one of constant, linear, cosine`},
		{"all dropped", "model: {dropout: 1}", `r.yaml:2: model.dropout: found 1, want a number from 0 to below 1`},
		{"no learning", "optimizer: {lr: 0}", `r.yaml:2: optimizer.lr: found 0, want a number above 0`},
		{"negative clip", "optimizer: {clip: -1}", `r.yaml:2: optimizer.clip: found -1, want a number of at least 0`},
		{"small vocabulary", "model: {vocab: 100}", `r.yaml:2: model.vocab: found 100, want a whole number from 256 to 65536`},
		{"long warmup", "steps: 10\nschedule: {warmup: 11}", `r.yaml:3: schedule.warmup: found 11, want at most steps = 10`},
		{"high floor", "schedule: {floor: 1}", `r.yaml:2: schedule.floor: found 1, want at most optimizer.lr = 0.002`},
		{"keep none", "checkpoint: {keep: 0}", `r.yaml:2: checkpoint.keep: found 0, want a whole number from 1 to 1048576`},
		{"no directory", `checkpoint: {dir: ""}`, `r.yaml:2: checkpoint.dir: found nothing, want a directory for the checkpoints`},
		{"a name that is a path", "name: ../x", `r.yaml:2: name: found "../x", want 1 to 64 letters, digits, '.', '_' or '-'`},
		{"control character", `checkpoint: {dir: "a\nb"}`, `r.yaml:2: checkpoint.dir: found "a\nb", want text on one line`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("r.yaml", []byte("data: {train: t}\n"+c.text+"\n"), nil)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			var e *Error
			if !errors.As(err, &e) || e.Source != strings.Split("data: {train: t}\n"+c.text, "\n")[e.Line-1] {
				t.Errorf("%#v does not hold the source line", err)
			}
		})
	}
}

func TestErrorsOfTheWhole(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"no data", "", "r.yaml: data.train: found nothing, want the directory or URL of the training shards"},
		{"not a mapping", "just words", "r.yaml:1: found the text \"just words\", want fields: name, seed,"},
		{"too long", strings.Repeat("#", maxText+1), "r.yaml: a run file has at most 16384 bytes"},
	}
	for _, c := range cases {
		_, err := Parse("r.yaml", []byte(c.text), nil)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got  %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestSetErrors(t *testing.T) {
	cases := []struct{ set, want string }{
		{"batch.lanes", "--set batch.lanes: want field=value, as in --set batch.lanes=4"},
		{"batch.lane=4", `--set batch.lane=4: found unknown field "batch.lane", want one of name, seed,`},
		{"lanes=4", `--set lanes=4: found unknown field "lanes", want one of name, seed,`},
		{"batch=4", `--set batch=4: found unknown field "batch", want one of`},
		{"batch.lanes=x", `--set batch.lanes=x: batch.lanes: found "x", want a whole number from 1 to 999`},
		{"batch.lanes=", `--set batch.lanes=: batch.lanes: found "", want a whole number`},
		{"batch.lanes=0", "--set batch.lanes=0: batch.lanes: found 0, want a whole number from 1 to 999"},
		{"batch.lanes=7", "--set batch.lanes=7: batch.lanes: found 7, want a divisor of batch.global = 64"},
		{"optimizer.lr=inf", `--set optimizer.lr=inf: optimizer.lr: found "inf", want a number above 0`},
		{"model.weight_norm=1", `--set model.weight_norm=1: model.weight_norm: found "1", want true or false`},
	}
	for _, c := range cases {
		_, err := Parse("r.yaml", []byte(example), []string{c.set})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	_, err := Parse("r.yaml", []byte(example), []string{"batch.lane=4"})
	if !strings.HasSuffix(err.Error(), "(did you mean batch.lanes?)") {
		t.Errorf("no near name in %v", err)
	}
}

func TestValidate(t *testing.T) {
	f := Default("run")
	if err := f.Validate(); err == nil || !strings.HasPrefix(err.Error(), "run file: data.train: found nothing") {
		t.Errorf("without data: %v", err)
	}
	f.Data.Train = "t"
	if err := f.Validate(); err != nil {
		t.Error(err)
	}
	f.Batch.Lanes = 0
	if err := f.Validate(); err == nil || err.Error() != "run file: batch.lanes: found 0, want a whole number from 1 to 999" {
		t.Errorf("without lanes: %v", err)
	}
}
