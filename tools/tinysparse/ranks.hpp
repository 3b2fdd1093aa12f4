// SPDX-License-Identifier: Apache-2.0
// A search on several processes or machines (MPI): rank 0 proposes and writes the journal, every other rank trains one
// trial at a time and sends its model back, so that only rank 0 needs the folder of the run. No rank waits for a slow
// one. Built with -DTINYSPARSE_WITH_MPI=ON; otherwise there is one rank.
#pragma once
#include "tinysparse/search/evaluator.hpp"

namespace tinysparse::cli {

/// This process among those that mpirun started; the only one without mpirun.
struct Ranks {
    int rank = 0, count = 1;
};

/// Joins the other ranks. Throws Error if mpirun started several processes of a program without MPI.
Ranks join_ranks();
/// Leaves the other ranks; no effect if none were joined.
void leave_ranks();

/// On rank 0: sends the head of the run to the others.
void announce(const search::RunHead& head, const Ranks& ranks);
/// On the others: the head that rank 0 announced, or nothing if rank 0 ended before.
std::optional<search::RunHead> listen();

/// On rank 0: an evaluator whose trainings run on the other ranks, one at a time on each.
search::Evaluator on_ranks(search::Evaluator local, const search::RunHead& head, const Ranks& ranks);
/// On the others: trains what rank 0 sends, until rank 0 dismisses them.
void serve(const search::Evaluator& local, const search::RunHead& head);
/// On rank 0: tells the others that the search has ended.
void dismiss(const Ranks& ranks);

} // namespace tinysparse::cli
