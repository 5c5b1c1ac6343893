package inside

import (
	"fmt"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type foundTexts struct {
	Searched, Texts, Of, All int
	Cell                     struct{ Inside, Outside float64 }
	Places                   []struct {
		At, From, To, Skip int
		Mean               float64
		Text               []byte
		Words              []string
	}
}

// What is found in the samples of a set is where the channel is on in a reading of the same sample, and all of that but the range itself.
func TestElsewhere(t *testing.T) {
	for name, sets := range map[string][]string{"bytes": nil, "words": {"model.symbols=words", "model.vocab=8"}} {
		t.Run(name, func(t *testing.T) {
			run := runOf(t, []uint64{3}, classifier(append(sets, "model.pooling=lstm", "batch.length=30", "data.valid="+opinionSet(t))...)...)
			d := New(Options{Threads: 1})
			places := 0
			for channel := range 6 {
				var told, again foundTexts
				question := fmt.Sprintf("where?layer=rnn.l0&sample=1&a=1&b=3&cell=%d", channel)
				ask(t, d, run, question, &told)
				if channel == 0 {
					if ask(t, New(Options{Threads: 1}), run, question, &again); !reflect.DeepEqual(told, again) {
						t.Error("the same question has another answer")
					}
				}
				on, searched := map[[2]int]bool{}, 0
				for _, p := range told.Places {
					for at := p.From; at < p.To; at++ {
						on[[2]int{p.At, at}] = true
					}
				}
				places += len(told.Places)
				for sample := range opinions {
					var x readText
					var y struct{ Values []float64 }
					ask(t, d, run, fmt.Sprintf("input?sample=%d", sample), &x)
					ask(t, d, run, fmt.Sprintf("track?layer=rnn.l0&channel=%d&sample=%d", channel, sample), &y)
					searched += len(y.Values)
					middle, sign := (told.Cell.Inside+told.Cell.Outside)/2, 1.0
					if told.Cell.Inside < told.Cell.Outside {
						sign = -1
					}
					wanted := make([]bool, len(y.Values))
					for at, v := range y.Values {
						wanted[at] = sign*(math.Round(127*math.Tanh(v))/127-middle) > 0
					}
					if sample == 1 { // the whole passage of which the range is a part is left out
						for at := range wanted {
							if at >= 1 && at < 3 && wanted[at] {
								for i := at; i >= 0 && wanted[i]; i-- {
									wanted[i] = false
								}
								for i := at + 1; i < len(wanted) && wanted[i]; i++ {
									wanted[i] = false
								}
							}
						}
					}
					for at := range wanted {
						if on[[2]int{sample, at}] != wanted[at] {
							t.Errorf("channel %d, sample %d, symbol %d holds %v: on %v, want %v", channel, sample, at, math.Tanh(y.Values[at]), !wanted[at], wanted[at])
						}
					}
					for _, p := range told.Places {
						if p.At != sample {
							continue
						}
						words, text := x.Words, string(x.Text)
						if name == "bytes" && !strings.HasPrefix(text[p.From-p.Skip:], string(p.Text)) || name == "words" && !slices.Equal(words[p.From-p.Skip:][:len(p.Words)], p.Words) || len(p.Text)+len(p.Words) <= p.Skip {
							t.Errorf("%+v of %q, %q", p, text, words)
						}
					}
				}
				if told.Texts != 3 || told.Of != 3 || told.Searched != searched || told.All != len(told.Places) {
					t.Errorf("%+v; there are %d symbols", told, searched)
				}
			}
			if places < 6 {
				t.Errorf("%d places: the test says little", places)
			}
			var typed foundTexts
			if name == "bytes" {
				ask(t, d, run, "where?layer=rnn.l0&prompt=so+it+is&a=1&b=3", &typed)
				if typed.Texts != 3 {
					t.Errorf("%+v", typed)
				}
			}
			if w := ask(t, d, run, "where?layer=output&sample=1&a=1&b=3", nil); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "no time step for each symbol") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// The samples that are read lie one in each equal share of the set.
func TestSomeOf(t *testing.T) {
	for _, c := range []struct{ n, most, want int }{{1, 9, 1}, {9, 9, 9}, {10, 3, 3}, {5000, 512, 512}, {7, 0, 1}} {
		list := someOf(c.n, c.most)
		if len(list) != c.want || !slices.IsSorted(list) {
			t.Errorf("%d of %d: %d", c.most, c.n, list)
		}
		for i, at := range list {
			if at < c.n*i/c.want-1 || at > c.n*(i+1)/c.want || i > 0 && at == list[i-1] {
				t.Errorf("%d of %d: number %d is %d", c.most, c.n, i, at)
			}
		}
	}
}
