package acme.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BookingsTest {
    @Test
    void theyAddUp() {
        assertEquals(10750, new Bookings().total());
    }
}
