using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Webmail.MailCore.Directory;

namespace Webmail.MailCore.Data.Configurations;

internal sealed class AccountConfiguration : IEntityTypeConfiguration<AccountRow>
{
    public void Configure(EntityTypeBuilder<AccountRow> builder)
    {
        builder.ToTable("account", "directory");
        builder.HasKey(a => a.AccountId);
        builder.Property(a => a.AccountId).UseIdentityAlwaysColumn();
        builder.HasOne<DomainRow>().WithMany().HasForeignKey(a => a.Domain);

        // Two administrators at once: the second one is told, rather than undoing what the first did.
        builder.Property(a => a.CredentialVersion).IsConcurrencyToken();
    }
}
