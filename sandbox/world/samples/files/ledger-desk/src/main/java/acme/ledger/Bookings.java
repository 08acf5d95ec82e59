package acme.ledger;

import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What was booked today, in cents. */
@RestController
public class Bookings {
    private static final Logger LOG = LoggerFactory.getLogger(Bookings.class);
    private final List<Integer> amounts = List.of(1250, -400, 9900);

    int total() {
        return amounts.stream().mapToInt(Integer::intValue).sum();
    }

    @GetMapping({"/", "/bookings"})
    public Map<String, Object> list() {
        LOG.info("bookings asked for, total={}", total());
        return Map.of("amounts", amounts, "total", total());
    }
}
