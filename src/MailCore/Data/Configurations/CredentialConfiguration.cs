using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Webmail.MailCore.Directory;

namespace Webmail.MailCore.Data.Configurations;

internal sealed class CredentialConfiguration : IEntityTypeConfiguration<CredentialRow>
{
    public void Configure(EntityTypeBuilder<CredentialRow> builder)
    {
        builder.ToTable("credential", "directory");
        builder.HasKey(c => c.CredentialId);
        builder.Property(c => c.CredentialId).UseIdentityAlwaysColumn();
        builder.HasOne(c => c.Account).WithMany().HasForeignKey(c => c.AccountId);
    }
}
