# CMake generated Testfile for 
# Source directory: /work/wt/lead/tests/cli
# Build directory: /work/wt/lead/rel/tests/cli
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
add_test([=[cli]=] "/work/wt/lead/rel/tests/cli/test_cli")
set_tests_properties([=[cli]=] PROPERTIES  WORKING_DIRECTORY "/work/wt/lead" _BACKTRACE_TRIPLES "/work/wt/lead/tests/CMakeLists.txt;31;add_test;/work/wt/lead/tests/cli/CMakeLists.txt;3;tinysparse_test;/work/wt/lead/tests/cli/CMakeLists.txt;0;")
