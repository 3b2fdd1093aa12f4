// SPDX-License-Identifier: Apache-2.0
// A search on several processes or machines (MPI): rank 0 proposes and writes the journal, every other rank trains one
// trial at a time and sends its model back, so that only rank 0 needs the run's folder. A slow rank keeps nobody
// waiting. Built with -DTINYSPARSE_WITH_MPI=ON; otherwise there is one rank.
#pragma once
#include "tinysparse/search/search.hpp"

namespace tinysparse::cli {

/// This process among those that mpirun started; the only one where it did not.
struct Ranks {
    int rank = 0, count = 1;
};

/// Joins the other ranks. Throws Error where mpirun started several of a program that cannot talk to each other.
Ranks join_ranks();
/// Leaves them; without effect where none were joined.
void leave_ranks();

/// On rank 0: tells the others what is searched.
void announce(const search::RunHead& head, const Ranks& ranks);
/// On the others: what rank 0 announced, or nothing where it ended before.
std::optional<search::RunHead> listen();

/// On rank 0: an evaluator whose trainings run on the other ranks, one at a time on each.
search::Evaluator on_ranks(search::Evaluator local, const search::RunHead& head, const Ranks& ranks);
/// On the others: trains what rank 0 sends, until it says that all is done.
void serve(const search::Evaluator& local, const search::RunHead& head);
/// On rank 0: all is done.
void dismiss(const Ranks& ranks);

} // namespace tinysparse::cli
