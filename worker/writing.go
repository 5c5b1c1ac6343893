package worker

import (
	"errors"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// write lets a language model go on with the texts that the run file names, by the same random numbers each time: those of
// a stream of its own for each text, from which the run draws nothing. Where the run is to stop, the texts that are not yet
// there are left out: nobody waits for a long one.
func (t *trainer) write() (list []api.Written) {
	f := t.file.Eval
	for i, prompt := range f.PromptList() {
		for _, temperature := range f.Temperatures {
			text, err := zoo.SampleUnless(t.hurries, t.model, []byte(prompt), f.Length, temperature, t.file.Seed+uint64(i))
			if errors.Is(err, zoo.ErrStopped) {
				t.cfg.Log.Info("eval.prompts: the run stops, so no more is written", "texts", len(list))
				return list
			}
			if err != nil {
				t.cfg.Log.Warn("eval.prompts: the model cannot go on with a text", "prompt", prompt, "error", err)
				continue
			}
			list = append(list, api.Written{Prompt: prompt, Temperature: api.Number(temperature), Text: strings.ToValidUTF8(string(text), "\uFFFD")})
		}
	}
	return list
}
