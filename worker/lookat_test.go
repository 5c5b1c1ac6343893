package worker

import (
	"strings"
	"testing"
)

// What is said of the classes of a set, even or not.
func TestLookAt(t *testing.T) {
	set := storedSet(t, 40, 28, nil)
	text, err := LookAt(imageFile(t, "lenet5", "data.train="+set))
	if want := "4 classes, 25 % (a) to 25 % (a); who does not look says a: 25 % right, 1.386 nats"; err != nil || text != want {
		t.Errorf("got  %s, %v\nwant %s", text, err, want)
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
	if text, err := LookAt(smallFile(t)); text != "" || err != nil {
		t.Errorf("a text: %q, %v", text, err)
	}
}
