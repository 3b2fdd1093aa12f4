# CMake generated Testfile for 
# Source directory: /work/wt/lead/examples
# Build directory: /work/wt/lead/rel/examples
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
add_test([=[lesson_gp_in_one_dimension]=] "/usr/bin/cmake" "-DPROGRAM=/work/wt/lead/rel/examples/gp_in_one_dimension" "-DEXPECTED=/work/wt/lead/examples/gp_in_one_dimension.expected" "-P" "/work/wt/lead/examples/compare.cmake")
set_tests_properties([=[lesson_gp_in_one_dimension]=] PROPERTIES  WORKING_DIRECTORY "/work/wt/lead/rel/examples" _BACKTRACE_TRIPLES "/work/wt/lead/examples/CMakeLists.txt;12;add_test;/work/wt/lead/examples/CMakeLists.txt;0;")
add_test([=[lesson_neuron_by_hand]=] "/usr/bin/cmake" "-DPROGRAM=/work/wt/lead/rel/examples/neuron_by_hand" "-DEXPECTED=/work/wt/lead/examples/neuron_by_hand.expected" "-P" "/work/wt/lead/examples/compare.cmake")
set_tests_properties([=[lesson_neuron_by_hand]=] PROPERTIES  WORKING_DIRECTORY "/work/wt/lead/rel/examples" _BACKTRACE_TRIPLES "/work/wt/lead/examples/CMakeLists.txt;12;add_test;/work/wt/lead/examples/CMakeLists.txt;0;")
add_test([=[lesson_prune_lenet]=] "/usr/bin/cmake" "-DPROGRAM=/work/wt/lead/rel/examples/prune_lenet" "-DEXPECTED=/work/wt/lead/examples/prune_lenet.expected" "-P" "/work/wt/lead/examples/compare.cmake")
set_tests_properties([=[lesson_prune_lenet]=] PROPERTIES  WORKING_DIRECTORY "/work/wt/lead/rel/examples" _BACKTRACE_TRIPLES "/work/wt/lead/examples/CMakeLists.txt;12;add_test;/work/wt/lead/examples/CMakeLists.txt;0;")
add_test([=[lesson_search_and_export]=] "/usr/bin/cmake" "-DPROGRAM=/work/wt/lead/rel/examples/search_and_export" "-DEXPECTED=/work/wt/lead/examples/search_and_export.expected" "-P" "/work/wt/lead/examples/compare.cmake")
set_tests_properties([=[lesson_search_and_export]=] PROPERTIES  WORKING_DIRECTORY "/work/wt/lead/rel/examples" _BACKTRACE_TRIPLES "/work/wt/lead/examples/CMakeLists.txt;12;add_test;/work/wt/lead/examples/CMakeLists.txt;0;")
add_test([=[lesson_strokes_in_40_lines]=] "/usr/bin/cmake" "-DPROGRAM=/work/wt/lead/rel/examples/strokes_in_40_lines" "-DEXPECTED=/work/wt/lead/examples/strokes_in_40_lines.expected" "-P" "/work/wt/lead/examples/compare.cmake")
set_tests_properties([=[lesson_strokes_in_40_lines]=] PROPERTIES  WORKING_DIRECTORY "/work/wt/lead/rel/examples" _BACKTRACE_TRIPLES "/work/wt/lead/examples/CMakeLists.txt;12;add_test;/work/wt/lead/examples/CMakeLists.txt;0;")
add_test([=[lesson_two_objectives]=] "/usr/bin/cmake" "-DPROGRAM=/work/wt/lead/rel/examples/two_objectives" "-DEXPECTED=/work/wt/lead/examples/two_objectives.expected" "-P" "/work/wt/lead/examples/compare.cmake")
set_tests_properties([=[lesson_two_objectives]=] PROPERTIES  WORKING_DIRECTORY "/work/wt/lead/rel/examples" _BACKTRACE_TRIPLES "/work/wt/lead/examples/CMakeLists.txt;12;add_test;/work/wt/lead/examples/CMakeLists.txt;0;")
