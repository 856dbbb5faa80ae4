using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Webmail.MailCore.Directory;

namespace Webmail.MailCore.Data.Configurations;

internal sealed class AddressConfiguration : IEntityTypeConfiguration<AddressRow>
{
    public void Configure(EntityTypeBuilder<AddressRow> builder)
    {
        builder.ToTable("address", "directory");
        builder.HasKey(a => a.Key);
        builder.HasOne<DomainRow>().WithMany().HasForeignKey(a => a.Domain);
        builder.HasOne(a => a.Account).WithOne().HasForeignKey<AddressRow>(a => a.AccountId);
    }
}
