# CMake generated Testfile for 
# Source directory: /work/wt/lead/tests/device
# Build directory: /work/wt/lead/rel/tests/device
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
add_test([=[device]=] "/work/wt/lead/rel/tests/device/test_device")
set_tests_properties([=[device]=] PROPERTIES  WORKING_DIRECTORY "/work/wt/lead" _BACKTRACE_TRIPLES "/work/wt/lead/tests/CMakeLists.txt;31;add_test;/work/wt/lead/tests/device/CMakeLists.txt;6;tinysparse_test;/work/wt/lead/tests/device/CMakeLists.txt;0;")
