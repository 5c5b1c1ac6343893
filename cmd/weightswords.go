package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/wordvectors"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// wordsFlags are the flags of `rondo weights words`.
type wordsFlags struct {
	width, threads int
	from, of, name string
	average        *bool
}

func newWeightsWords() *cobra.Command {
	var o wordsFlags
	c := &cobra.Command{
		Use:   "words SET OUT",
		Short: "Write vectors for the words of a set, by PCA or out of another run's embedding",
		Long: `Writes an embedding for the vocabulary of SET, a set of texts that was cut with --vocabulary
(shard csv), as the safetensors file OUT: the one tensor embedding.weight, a row for each word.
model.weights begins a run from it, when model.weights_skip names all else:

  --set model.weights=OUT --set model.weights_skip=dense.,rnn.,output.

Rows then learn like any weight, or stay as they are with model.freeze=embedding.

Without --from they are found by PCA of SET's texts, which asks no labels: of the share that each
word has of a text, times its idf (latent semantic analysis). The mean of a text's rows is where
the text lies along the main directions. One factor makes the rows as long as those of a new
embedding. The same set gives the same file on any number of threads.

With --from RUN each word has the row that it has in the newest checkpoint of RUN (or the
checkpoint that RUN is), whatever its number is there. Words that RUN does not know have the row
of its unknown words.`,
		Example: `  rondo weights words sentiment/train pca.safetensors --width 32
  rondo weights words yelp/train moved.safetensors --from runs/imdb`,
		Args: args(2, 2, "a set of samples and a file to write"),
		RunE: func(c *cobra.Command, a []string) error { return o.run(c, a[0], a[1]) },
	}
	f := c.Flags()
	f.IntVar(&o.width, "width", 64, "numbers of a vector: the run's model.embed")
	f.StringVar(&o.from, "from", "", "`RUN` or checkpoint whose embedding is taken in the place of PCA")
	f.StringVar(&o.of, "of", "", "`NAME` of RUN's weight; without it, its embedding")
	f.StringVar(&o.name, "name", "embedding.weight", "`NAME` of the tensor in OUT")
	f.IntVar(&o.threads, "threads", machine.Threads(), "goroutines that compute")
	o.average = averageFlag(c)
	return c
}

func (o *wordsFlags) check(c *cobra.Command, set, out string) error {
	switch given := c.Flags().Changed; {
	case o.name == "":
		return &usageError{errors.New("--name: a tensor needs one")}
	case o.width < 1 || o.width > mostWidth:
		return &usageError{fmt.Errorf("--width %d: from 1 to %d", o.width, mostWidth)}
	case o.threads < 1 || o.threads > worker.MaxThreads:
		return &usageError{fmt.Errorf("--threads %d: from 1 to %d", o.threads, worker.MaxThreads)}
	case o.from != "" && given("width"):
		return &usageError{errors.New("--width: rows of --from have the width that they have there")}
	case o.from == "" && (given("of") || given("average")):
		return &usageError{errors.New("--of and --average are of a run; name it by --from")}
	}
	return cmp.Or(wantPlace("SET", set), wantPlace("--from", o.from), wantSafetensors(out))
}

// mostWidth bounds what PCA looks for.
const mostWidth = 1024

func (o *wordsFlags) run(c *cobra.Command, path, out string) error {
	if err := o.check(c, path, out); err != nil {
		return err
	}
	set, err := samples.OpenSource(path)
	if err != nil {
		return err
	}
	part := set.Schema().Part(wordsPart)
	if part < 0 || len(set.Schema().Parts[part].Classes) == 0 {
		return fmt.Errorf("%s has texts without numbered words; cut it with --vocabulary", path)
	}
	names, table, how := set.Schema().Parts[part].Classes, tensor.Matrix{}, ""
	if o.from != "" {
		table, how, err = o.moved(names)
	} else {
		table, how, err = o.components(set, part, len(names))
	}
	if err != nil {
		return err
	}
	t := safetensors.Tensor{Name: o.name, Shape: []int{table.Rows, table.Cols}, Data: table.Data}
	if _, err := writeWhole(out, func(f io.Writer) error {
		return safetensors.Write(f, []safetensors.Tensor{t}, map[string]string{"format": "pt"})
	}); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "%s: %s %v, %s\n", out, o.name, t.Shape, how)
	return nil
}

// wordsPart is the part of samples that has the words of a text by number.
const wordsPart = "words"

// components gives the words of a set vectors by PCA, and says what these are.
func (o *wordsFlags) components(set samples.Source, part, vocabulary int) (table tensor.Matrix, how string, err error) {
	texts := wordvectors.Texts{Vocabulary: vocabulary}
	for i := range set.Len() {
		sample, err := set.At(i)
		if err != nil {
			return table, "", err
		}
		texts.Words = append(texts.Words, sample[part].Int32s())
	}
	pool := tensor.NewPool(o.threads)
	defer pool.Close()
	v, err := wordvectors.PCA(pool, texts, o.width)
	if err != nil {
		return table, "", fmt.Errorf("--width %d: %w", o.width, err)
	}
	return v.Table, fmt.Sprintf("%.1f %% of the variance of %s", 100*v.Share, countText(len(texts.Words), "text")), nil
}
