// SPDX-License-Identifier: Apache-2.0
// A user's program, compiled for its warnings: it brings every kernel of training into being, with all ways of pruning.
#include <tinysparse/tinysparse.hpp>

using namespace tinysparse;

int main() {
    const data::Dataset strokes = data::load("synthetic:strokes");
    for (const prune::MethodInfo& info : prune::methods) {
        quantise::TrainOptions options;
        options.pruning.emplace().method = info.method;
        static_cast<void>(quantise::train(net::parse("A2 C6k3 A2 D3L C12k1 A2 F10", {1, 28, 28}), strokes, options));
    }
}
