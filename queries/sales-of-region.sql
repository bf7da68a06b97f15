-- What a region has sold since a day, by product.
-- @param region text Nord, Süd, …
-- @param since date = "2026-01-01"
select product, sum(quantity) as quantity, sum(quantity * unit_price) as amount
from 'sales.csv'
where region = $region and date >= cast($since as date)
group by product
order by amount desc
