using CsCheck;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Tests.Model;

public sealed class UidSetTests
{
    [Fact]
    public void AgreesWithASetOfNumbers() =>
        Gen.UInt[1, 60].List[0, 40].Sample(numbers =>
        {
            var set = UidSet.From(numbers.Select(n => new Uid(n)));
            var model = new SortedSet<uint>(numbers);
            Assert.Equal(model.Count, set.Count);
            Assert.Equal(model, set.Select(u => u.Value));
            for (uint n = 0; n <= 61; n++)
                Assert.Equal(model.Contains(n), set.Contains(new Uid(n)));
        });

    [Fact]
    public void WritesRangesAsImapDoes() =>
        Assert.Equal("1:3,7,4294967294:4294967295", UidSet.Of(new(3), new(1), new(2), new(7), new(uint.MaxValue), new(uint.MaxValue - 1)).ToString());

    [Fact]
    public void WhatIsInBothAndWhatIsInOneOnlyIsAsOfPlainSets()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            var (a, b) = (Some(), Some());
            UidSet x = UidSet.From(a), y = UidSet.From(b);
            Assert.Equal(UidSet.From(a.Intersect(b)), x.Intersect(y));
            Assert.Equal(UidSet.From(a.Except(b)), x.Except(y));
        }

        var all = UidSet.Range(new(1), new(uint.MaxValue));
        Assert.Equal("1:6,8:4294967294", all.Except(UidSet.Of(new Uid(7), new Uid(uint.MaxValue))).ToString());
        Assert.Equal(all, all.Intersect(all));
        Assert.True(all.Except(all).IsEmpty);

        HashSet<Uid> Some() => [.. Enumerable.Range(0, random.Next(12)).Select(_ => new Uid((uint)random.Next(1, 25)))];
    }
}
