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
}
