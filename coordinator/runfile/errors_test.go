package runfile

import (
	"errors"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
)

// TestErrors gives the whole error of each thing that can be wrong with a file; every file begins with the
// data section on line 1.
func TestErrors(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"unknown field", "batch:\n  lane: 4", `r.yaml:3: found unknown field "batch.lane", want one of global, lanes, pipelines, length (did you mean lanes?)`},
		{"unknown section", "bath: {}", `r.yaml:2: found unknown field "bath", want one of name, seed, model, task, data, batch, optimizer, schedule, ring, steps, eval, watch, checkpoint, precision, convolution, rebalance, mixed_tiers, sync_batchnorm (did you mean batch?)`},
		{"nothing like it", "eval: {zzzzzz: 1}", `r.yaml:2: found unknown field "eval.zzzzzz", want one of every, batches`},
		{"another program's word", "epochs: 3", `r.yaml:2: found unknown field "epochs", want one of name, seed, model, task, data, batch, optimizer, schedule, ring, steps, eval, watch, checkpoint, precision, convolution, rebalance, mixed_tiers, sync_batchnorm (a run is as long as its steps; an epoch has as many as data.train has samples by batch.global)`},
		{"another program's word in a section", "batch: {learning_rate: 1}", `r.yaml:2: found unknown field "batch.learning_rate", want one of global, lanes, pipelines, length (it is optimizer.lr)`},
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
		{"pipelines of a network in one piece", "batch: {pipelines: 2}", `r.yaml:2: batch.pipelines: found 2, want nothing: charlm is a network in one piece; pipelines are those of alexnet-caffe`},
		{"lanes that do not divide", "batch:\n  global: 64\n  lanes: 7", `r.yaml:4: batch.lanes: found 7, want a divisor of batch.global = 64: 1, 2, 4, 8, 16, 32, 64`},
		{"negative size", "model: {hidden: -3}", `r.yaml:2: model.hidden: found -3, want a whole number from 1 to 65536`},
		{"unknown kind", "model: {kind: charlm2}", `r.yaml:2: model.kind: found "charlm2", want one of charlm (did you mean charlm?), ` + strings.Replace(strings.Join(zoo.Names(), ", "), "charlm, ", "", 1)},
		{"unknown cell", "model: {cell: lst}", `r.yaml:2: model.cell: found "lst", want one of gru, gru-textbook, lstm, lstm-peephole, mlstm, rnn, rnn-relu (did you mean lstm?)`},
		{"unknown optimizer", "optimizer: {kind: adamax}", `r.yaml:2: optimizer.kind: found "adamax", want one of sgd, adam, adamw, rmsprop, rmsprop-tf, adagrad, lars, lamb (did you mean adam?)`},
		{"unknown schedule", "schedule: {kind: stairs}", `r.yaml:2: schedule.kind: found "stairs", want one of constant, linear, cosine`},
		{"all dropped", "model: {dropout: 1}", `r.yaml:2: model.dropout: found 1, want a number from 0 to below 1`},
		{"no learning", "optimizer: {lr: 0}", `r.yaml:2: optimizer.lr: found 0, want a number above 0`},
		{"negative clip", "optimizer: {clip: -1}", `r.yaml:2: optimizer.clip: found -1, want a number of at least 0`},
		{"small vocabulary", "model: {vocab: 0}", `r.yaml:2: model.vocab: found 0, want a whole number from 1 to 65536`},
		{"long warmup", "steps: 10\nschedule: {warmup: 11}", `r.yaml:3: schedule.warmup: found 11, want at most steps = 10`},
		{"high floor", "schedule: {floor: 1}", `r.yaml:2: schedule.floor: found 1, want at most optimizer.lr = 0.002`},
		{"prompts and nothing held out", "eval: {prompts: a}", `r.yaml:2: eval.prompts: found "a", want nothing: without data.valid there are no evaluations`},
		{"keep every step that has none", "checkpoint: {every: 200, keep_every: 500}", `r.yaml:2: checkpoint.keep_every: found 500, want a multiple of checkpoint.every = 200, for other steps have no checkpoints`},
		{"keep none", "checkpoint: {keep: 0}", `r.yaml:2: checkpoint.keep: found 0, want a whole number from 1 to 1048576`},
		{"no directory", `checkpoint: {dir: ""}`, `r.yaml:2: checkpoint.dir: found nothing, want a directory for the checkpoints`},
		{"an address for the checkpoints", "checkpoint: {dir: gs://b/x}", `r.yaml:2: checkpoint.dir: found "gs://b/x", want a directory for the checkpoints: gs:// cannot be opened`},
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
		{"no data", "", "r.yaml: data.train: found nothing, want the directory of the training shards"},
		{"not a mapping", "just words", "r.yaml:1: found the text \"just words\", want fields: name, seed,"},
		{"too long", strings.Repeat("#", maxText+1), "r.yaml: a run file has at most 16384 bytes"},
	}
	cases = append(cases, []struct{ name, text, want string }{
		{"UTF-16", "\xff\xfen\x00a\x00", "r.yaml: found a text in UTF-16, want UTF-8; save"},
		{"UTF-16, big end first", "\xfe\xff\x00n\x00a", "r.yaml: found a text in UTF-16, want UTF-8"},
		{"UTF-16 without a mark", "n\x00a\x00", "r.yaml:1: found a zero byte, as texts in UTF-16 have, want UTF-8"},
		{"Windows-1252", "data:\n  train: it\x92s\n", "r.yaml:2: found the byte 0x92, want UTF-8"},
		{"an address of data", "data: {train: \"s3://b/x?region=y\"}", `r.yaml:1: data.train: found "s3://…", want a directory, or generated:NAME?count=N for a model that reads images: s3:// cannot be opened here`},
		{"an address of held-out data", "data: {train: t, valid: 'file://host/x'}", `r.yaml:1: data.valid: found "file://host/x", want a directory, or`},
		{"a mark that is not at the beginning", "data: {train: t}\n\ufeffname: x", `r.yaml:2: found unknown field "\ufeffname"`},
	}...)
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
		{"batch.lane=4", `--set batch.lane=4: found unknown field "batch.lane", want one of batch.global, batch.lanes, batch.pipelines, batch.length (`},
		{"bach.lanes=4", `--set bach.lanes=4: found unknown field "bach.lanes", want one of batch.lanes (did you mean batch.lanes?), name, seed,`},
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

// Runs compute in float32, so a number that float32 takes for one that is not allowed is not allowed either. Nor is one
// that only there becomes 0.
func TestFloat32(t *testing.T) {
	numbers := 0
	list := Default("x").all()
	for i := range list {
		d := &list[i]
		if _, ok := d.at(Default("x")).(*float64); !ok {
			continue
		}
		values := []struct{ text, becomes string }{{"1e-50", "0"}, {"1e-400", "0"}}
		if d.within.Below {
			values = append(values, struct{ text, becomes string }{"0.99999999", "1"})
		} else if d.within.Hi == inf {
			values = append(values, struct{ text, becomes string }{"1e39", "+Inf"})
		}
		for _, v := range values {
			_, err := Parse("r.yaml", []byte("data: {train: t}\n"), append(setsFor(d.path), d.path+"="+v.text, "optimizer.lr=3e38", d.path+"="+v.text))
			if want := "--set " + d.path + "=" + v.text + ": " + d.path + ": found "; err == nil || !strings.HasPrefix(err.Error(), want) ||
				!strings.HasSuffix(err.Error(), "; in float32, in which runs compute, it is "+v.becomes) {
				t.Errorf("%s: got %v, want %s…", d.path, err, want)
			}
		}
		numbers++
	}
	if numbers < 8 {
		t.Errorf("only %d fields are numbers", numbers)
	}
	_, err := Parse("r.yaml", []byte("data: {train: t}\noptimizer:\n  eps: 1e-50\n"), nil)
	if want := "r.yaml:3: optimizer.eps: found 1e-50, want a number above 0; in float32, in which runs compute, it is 0"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := Parse("r.yaml", []byte("data: {train: t}\n"), []string{"optimizer.eps=1e-45", "optimizer.beta2=0.9999999"}); err != nil {
		t.Errorf("the smallest number of float32: %v", err)
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
