// Package cmd is the command line of Rondo. A program of your own that
// registers data sets (data/samples), tasks (nn/task), kinds of models (nn/zoo),
// optimizers (nn/optim) and recurrent cells (nn.RegisterCell) of its own and then calls [Main] has all of it:
//
//	func main() {
//		zoo.Register("mine", …)
//		cmd.Main()
//	}
//
// (examples/custom is one.) It says its own name wherever it tells a user what
// to type.
//
// Exit status: 0 when the work was done, 1 when it failed or its result could not
// be printed, 2 when the command line or a run file is wrong, 130 when the run was
// stopped by Ctrl-C, SIGTERM, SIGHUP or `rondo stop` and can go on.
package cmd
