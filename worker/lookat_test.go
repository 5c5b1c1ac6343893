package worker

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// What is said of the classes of a set, even or not.
func TestLookAt(t *testing.T) {
	set := storedSet(t, 40, 28, nil)
	for classes, more := range map[int]string{4: "", 9: "; the network tells 9 apart, see model.classes"} {
		text, err := LookAt(imageFile(t, "lenet5", "data.train="+set, "batch.global=16", "batch.lanes=4", "steps=10", fmt.Sprintf("model.classes=%d", classes)))
		want := "an epoch is 2.5 steps, the run 4 epochs; 4 classes, 25 % (a) to 25 % (a); who does not look says a: 25 % right, 1.386 nats" + more
		if err != nil || text != want {
			t.Errorf("got  %s, %v\nwant %s", text, err, want)
		}
	}
	uneven := shares(map[int]int{0: 90, 2: 10}, []string{"cat", "dog", "cow"}, 100, false)
	for _, want := range []string{"3 classes, 0 % (dog) to 90 % (cat)", "90 % right, 0.3251 nats", "model.final_bias=counts would start there, and not at 1.099"} {
		if !strings.Contains(uneven, want) {
			t.Errorf("%s lacks %s", uneven, want)
		}
	}
	if begins := shares(map[int]int{0: 90, 2: 10}, []string{"cat", "dog", "cow"}, 100, true); strings.Contains(begins, "final_bias") {
		t.Errorf("advises what is done: %s", begins)
	}
	small := smallFile(t)
	data, err := OpenData(small, small.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	epoch := math.Ceil(math.Ceil(float64(data.text.Size()-1)/16) / 12) // pairs of bytes, in 16 rows of 12
	want := fmt.Sprintf("an epoch is %s steps, the run %s epochs", amount(epoch), amount(8/epoch))
	if text, err := LookAt(small); text != want || err != nil {
		t.Errorf("a text: %q, %v, want %q", text, err, want)
	}
}

// What is longer than the network has room for is cut while training, and counted here.
func TestLookAtLengths(t *testing.T) {
	f := soundRun(t) // reads 600
	for count, want := range map[int]string{
		24: "; of sound the network reads the first 600, and 12.5 % have more, up to 630", // from 400 on, longer by 10 each
		21: "",
	} {
		f.Data.Train = soundSet(t, count, samples.Int16, 0.5)
		text, err := LookAt(f)
		if err != nil || !strings.HasSuffix(text, " nats"+want) {
			t.Errorf("%d sounds: %s, %v, want %q", count, text, err, want)
		}
	}
}
