// Package search plans and judges what `rondo search` does: a controller draws cells (zoo.Cell), a run trains the
// network that is made of them, its child, and what comes of it teaches the controller what to draw.
//
// A [Space] says which cells there are. A [Controller] draws a child's cells from a table of logits and learns by
// REINFORCE, or draws them at random. A [Plan] has everything that decides a search, and lies in its directory beside
// the [Journal]: what each child was and came to. Draws are counted, not drawn from a hidden state, and arithmetic is
// that of package portable, so plan and journal give the controller back on any machine: a search that goes on replays
// its journal.
//
//   - Williams (1992), Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning
//   - Zoph and Le (2017), Neural Architecture Search with Reinforcement Learning
//   - Zoph, Vasudevan, Shlens and Le (2018), Learning Transferable Architectures for Scalable Image Recognition
//   - Tan et al. (2019), MnasNet: Platform-Aware Neural Architecture Search for Mobile
//   - Li and Talwalkar (2019), Random Search and Reproducibility for Neural Architecture Search
package search
