program interest
  implicit none
  real :: balance = 100.0
  balance = balance * 1.02
  print *, balance
end program interest
