package acme.ledger;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The desk where bookings are added up. */
@SpringBootApplication
public class LedgerDesk {
    public static void main(String[] arguments) {
        SpringApplication.run(LedgerDesk.class, arguments);
    }
}
