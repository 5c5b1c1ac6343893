package zoo

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// What the plan joins in the models for images, by rule, and one place of each.
func TestFusionsOfModels(t *testing.T) {
	for _, c := range []struct {
		kind            string
		image, channels int
		mode            nn.Mode
		want            string
		where           string
	}{
		{"lenet5", 28, 1, nn.Training,
			"rectifier behind max pool 2, convolution in max pool 2", "convolution in max pool: conv2, pool2"},
		{"lenet5", 28, 1, nn.Inference, "rectifier behind max pool 2", "rectifier behind max pool: relu1, pool1"},
		{"resnet18", 32, 3, nn.Training,
			"norm + add 8, norm + activation 17, moments in convolution 20, sums in convolution's backward 15",
			"norm + activation: layer2.0.bn2, layer2.0.relu2"},
		{"resnet18", 32, 3, nn.Inference,
			"norm + add 8, norm + activation 17", "norm + add: layer4.1.bn2, layer4.1.add"},
		{"mobilenetv2", 32, 3, nn.Training,
			"norm + add 10, norm + activation 35, moments in convolution 52, sums in convolution's backward 51",
			"sums in convolution's backward: features.17.conv.3, features.18.0"},
		{"resnet-small", 16, 3, nn.Training,
			"norm + add 6, norm + activation 13, moments in convolution 15, sums in convolution's backward 12", "norm + activation: layer3.0.bn2, layer3.0.relu2"},
	} {
		m, err := New(c.kind, smallImages(c.kind, c.image, c.channels))
		if err != nil {
			t.Fatal(err)
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, c.mode, 0)
		Record(m, task.Default(task.Class), tape, nn.NewStates(1, 2))
		tape.Measure()
		var rules, all []string
		counts := map[string]int{}
		for _, f := range tape.Fusions() {
			if counts[f.Rule]++; counts[f.Rule] == 1 {
				rules = append(rules, f.Rule)
			}
			all = append(all, f.Rule+": "+strings.Join(f.Where, ", "))
		}
		for i, r := range rules {
			rules[i] = fmt.Sprintf("%s %d", r, counts[r])
		}
		if got := strings.Join(rules, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", c.kind, got, c.want)
		}
		if text := strings.Join(all, "\n"); !strings.Contains(text, c.where) {
			t.Errorf("%s: no %s among\n%s", c.kind, c.where, text)
		}
	}
}
